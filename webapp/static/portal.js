/* The comforts around htmx. Knows no text and no page: words come from the markup, rules from the server. */
(() => {
  const root = document.documentElement, tab = Math.random().toString(36).slice(2, 12), sent = new Map(), flying = new Set();
  const TYPED = "#main :is(textarea, input:not([type=radio], [type=checkbox]))";
  const one = (css) => document.querySelector(css);
  const on = (names, act, capture) => names.split(" ").forEach((name) => document.addEventListener(name, act, capture));
  const revision = (html) => +(/data-rev="(\d+)"/.exec(html) || [0, 0])[1];
  let seq = 0, rev = 0, slow, hush, last, kept;

  root.classList.add("js");

  // A page that answers a form lies at an address that cannot be read: reload and Back are to find the one that can.
  on("DOMContentLoaded", () => {
    const { address } = document.body.dataset;
    if (address) history.replaceState(history.state, "", address);
  });

  // Not hidden but gone: Enter presses a form's first button, seen or not.
  on("htmx:load", ({ target }) => target.querySelectorAll(".no-js-only").forEach((spare) => spare.remove()));

  // Focus moves when the server says so, never by guessing from what was swapped.
  on("portal:focus", ({ detail }) => {
    if (kept) return void (kept = null);
    const goal = one(detail.value);
    if (!goal) return;
    if (!goal.hasAttribute("tabindex")) goal.tabIndex = -1;
    goal.focus();
  });

  on("htmx:configRequest", ({ detail }) => {
    if (detail.verb === "get") return;
    const own = detail.elt.closest("form")?.elements.csrf_token;
    detail.headers["X-CSRFToken"] = (own || {}).value || one("meta[name=csrf-token]").content;
    detail.parameters.seq = ++seq;
    detail.parameters.tab = tab;
  });

  // A page that comes ends what is still asked on behalf of the one it replaces. Of two answers to one region the older is
  // dropped, whichever arrives last.
  on("htmx:beforeSwap", ({ detail: { target, xhr, serverResponse, requestConfig } }) => {
    one("#net").hidden = true;
    rev = revision(serverResponse);
    if (target.id !== "main") return;
    flying.forEach((other) => other !== xhr && other.abort());
    const used = document.activeElement, sender = requestConfig.elt;
    kept = used.id && used !== sender && !used.contains(sender) && used.matches(TYPED) ? used : null;
  });
  // A whole page that answers one control while another is typed in: text and cursor stay, and are sent on leaving.
  on("htmx:afterSwap", ({ detail: { target } }) => {
    if (target.id !== "main" || !kept) return;
    const again = document.getElementById(kept.id), at = kept.selectionStart;
    if (!again?.matches(TYPED)) return void (kept = null);
    again.value = kept.value;
    again.focus();
    if (at !== null) again.setSelectionRange(at, at);
    again.addEventListener("blur", () => changed(again), { once: true });
  });
  on("htmx:oobBeforeSwap", ({ detail }) => {
    if (rev && rev < detail.target.rev) detail.shouldSwap = false;
    else detail.target.rev = rev;
  });

  on("htmx:oobAfterSwap", ({ detail }) => {
    if (detail.target.id !== "live") return;
    clearTimeout(hush);
    hush = setTimeout(() => detail.target.replaceChildren(), 8000);
  });

  // What has been put right stops looking wrong. The summary keeps its lines, struck: nothing moves under the pointer.
  const mended = (control) => control?.closest(".field")?.querySelector(".message-error") === null;
  on("htmx:oobAfterSwap htmx:afterSwap", () => {
    document.querySelectorAll("[aria-invalid]").forEach((control) => mended(control) && control.removeAttribute("aria-invalid"));
    document.querySelectorAll("#errsum a").forEach((link) => {
      const control = one(link.hash), struck = document.createElement("s");
      struck.textContent = link.textContent;
      if (!control || mended(control)) link.replaceWith(struck);
    });
  });

  const count = () => {
    clearTimeout(slow);
    root.classList.toggle("busy", flying.size > 0);
    root.classList.remove("slow");
    if (flying.size) slow = setTimeout(() => root.classList.add("slow"), 4000);
  };
  on("htmx:beforeSend", ({ detail: { elt, target, xhr } }) => {
    flying.add(xhr);
    count();
    // Not by an event of htmx: one from an element that has left the page is heard by nobody.
    xhr.addEventListener("loadend", () => (flying.delete(xhr), count()));
    if (target !== elt) target.setAttribute("aria-busy", "true");
  });
  on("htmx:afterRequest", ({ detail }) => {
    detail.target.removeAttribute("aria-busy");
    release(detail.requestConfig.elt);
  });

  on("htmx:sendError htmx:timeout htmx:responseError", ({ type, detail }) => {
    const net = one("#net"), words = type === "htmx:responseError" ? net.dataset.failed : net.dataset.offline;
    last = detail.requestConfig;
    net.querySelector("p").textContent = one("#live-alert").textContent = words;
    net.hidden = false;
  });
  const retry = () => {
    const { elt, triggeringEvent: event } = last;
    one("#live-alert").textContent = "";
    one("#net").hidden = true;
    if (elt.requestSubmit) elt.requestSubmit(event?.submitter);
    else elt.dispatchEvent(new Event(event?.type || "change", { bubbles: true }));
  };

  // One press, one order: the second is swallowed until the first is answered. A disabled button would lose focus.
  const release = (form) => {
    sent.get(form)?.removeAttribute("aria-disabled");
    sent.delete(form);
  };
  on("submit", (event) => {
    const form = event.target, by = event.submitter;
    const button = by?.matches(".default-button") ? form.querySelector(".button-primary") : by;
    if (form.method !== "post") return;
    if (sent.has(form)) return event.preventDefault(), event.stopImmediatePropagation();
    button?.setAttribute("aria-disabled", "true");
    sent.set(form, button);
    setTimeout(release, 15000, form);
  }, true);
  addEventListener("pageshow", (event) => event.persisted && [...sent.keys()].forEach(release));

  const changed = (input) => input.dispatchEvent(new Event("change", { bubbles: true }));
  on("click", ({ target }) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => menu.contains(target) || (menu.open = false));
    const button = target.closest("button");
    if (!button) return;
    const { step, pick, copy, done } = button.dataset;
    if ("retry" in button.dataset) retry();
    if (step) {
      const input = one("#" + button.dataset.for);
      input[step > 0 ? "stepUp" : "stepDown"]();
      changed(input);
    }
    if (pick) button.nextElementSibling.showPicker();
    if (copy) navigator.clipboard.writeText(copy).then(() => { button.querySelector("[data-word]").textContent = done; });
  });
  on("change", ({ target }) => {
    const { pick, format } = target.previousElementSibling?.dataset || {};
    if (!pick || !target.value) return;
    const input = one("#" + pick);
    input.value = format === "dmy" ? target.value.split("-").reverse().join(".") : target.value;
    changed(input);
  });
  on("keydown", (event) => {
    const { key, target } = event;
    if (key === "Escape") document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    // Enter searches; the page is sent from its other fields.
    if (key === "Enter" && !event.isComposing && target.matches(".search input[type=search]")) {
      event.preventDefault();
      target.dispatchEvent(new Event("search"));
    }
    const hit = key === "ArrowDown" && target.dataset.arrow && one("#" + target.dataset.arrow + " input");
    if (hit) event.preventDefault(), hit.focus(), hit.click();
  });
  on("focusout", ({ target }) => {
    if (target.dataset.group) target.value = target.value.replace(/\D/g, "").replace(/(.{4})(?=.)/g, "$1 ");
  });
})();
