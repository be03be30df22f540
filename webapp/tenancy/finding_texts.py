"""The words of every finding by its code: what is wrong, why it matters, how to put it right. English, for staff; knows no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FindingText:
    """Texts with {placeholders}. A code whose severity is "warning" does not keep a folder from being published."""

    what: str
    why: str
    how: str
    severity: str = "error"


_LATEST = "Prices decide what a customer agrees to, so nothing in them is guessed."

WORDS: Mapping[str, FindingText] = {
    # --- Folders and files
    "folder.name": FindingText(
        '"{name}" cannot be the name of a tenant\'s folder.',
        "The name becomes part of addresses and of document numbers.",
        "Rename it to 2 to 30 characters a-z, 0-9 and -, beginning with a letter.",
    ),
    "file.missing": FindingText(
        "{name} is missing.",
        "A tenant cannot be built without it.",
        "Add it; tenants/README.md shows a complete folder.",
    ),
    "file.unknown": FindingText(
        "{name} is not a file that Skylt reads.",
        "A misspelt name would silently be left out.",
        "Rename it, move it out of the folder, or begin its name with a dot.",
    ),
    "file.too_big": FindingText(
        "{name} has {size} kB; {most} kB is the most.",
        "Large files slow down every start and every page that carries them.",
        "Make it smaller.",
    ),
    "file.link": FindingText(
        "{name} is a link.", "What a tenant shows must lie in its own folder.", "Replace the link by the file itself."
    ),
    "file.placeholder": FindingText(
        "{name} still says [[FILL IN]] here.",
        "A new folder begins with what nobody but its owner can say.",
        "Write what stands after it, and remove the brackets.",
    ),
    "file.bom": FindingText(
        "{name} begins with a byte order mark.",
        "The first word of the file would not be recognised.",
        'Save it as "UTF-8" rather than "UTF-8 with BOM" (in Excel: "CSV UTF-8" adds one; save from a text editor).',
    ),
    "file.encoding": FindingText(
        "{name} is not UTF-8.",
        "Letters such as å, æ and ö would come out wrong.",
        'Save it with the encoding "UTF-8".',
    ),
    "file.characters": FindingText(
        "{name} has a control character ({char}).",
        "Invisible characters can make a text read otherwise than it is stored.",
        "Delete the character and type the text anew.",
    ),
    "toml.broken": FindingText(
        "The file is not TOML: {reason}.",
        "Nothing in it can be read until this is put right.",
        "Look at this line and the one above it.",
    ),
    # --- Keys and values of any TOML file
    "key.unknown": FindingText(
        'Unknown key "{name}".',
        "A misspelt key would silently have no effect.",
        "Correct or remove it. All keys: docs/tenants.md.",
    ),
    "key.missing": FindingText(
        'The key "{name}" is missing.', "It has no value that could be assumed.", "Add it. All keys: docs/tenants.md."
    ),
    "value.type": FindingText(
        "{value} is not {wanted}.",
        "The value would be understood otherwise than it was meant.",
        "Write {wanted}. All keys: docs/tenants.md.",
    ),
    "value.choice": FindingText('"{value}" is none of {choices}.', "Only these are known.", "Choose one of {choices}."),
    "value.range": FindingText(
        "{value} is out of range: {wanted}.", "The value makes no sense there.", "Write what is within it."
    ),
    "value.empty": FindingText(
        "The value is empty.", "It is shown to customers.", "Write it, or remove the key if it may be left out."
    ),
    "value.line": FindingText(
        "{value} holds a line break or a tab.",
        "It stands on one line, and may become the header of a mail.",
        "Write it on one line.",
    ),
    "value.letter": FindingText(
        '"{value}" holds the sign {sign}.',
        "No font of the papers has it: it would be printed as a box.",
        "Write it with other letters.",
    ),
    "value.twice": FindingText('"{value}" stands twice.', "Once is enough; the second has no effect.", "Remove one."),
    "words.language": FindingText(
        "The text in the language {language} is missing.",
        "Customers choose between the tenant's languages; every text is needed in each.",
        'Add it, for example {key}.{language} = "…".',
    ),
    "words.extra": FindingText(
        'The text is given in "{language}", which is not one of the tenant\'s languages.',
        "It would never be shown.",
        "Remove it, or add the language to languages in tenant.toml.",
    ),
    # --- tenant.toml
    "tenant.host": FindingText(
        '"{value}" is not a host name.',
        "The tenant is recognised by the host a browser asks for.",
        "Write it without https:// and without a slash, for example order.example.com.",
    ),
    "tenant.host_taken": FindingText(
        '{value} already leads to the tenant "{other}".',
        "A host can lead to one tenant only; {other} keeps it.",
        "Give this tenant another host, or remove it from {other} first.",
    ),
    "tenant.ref_prefix": FindingText(
        '"{value}" is not two capital letters.',
        "Order numbers begin with it.",
        "Write two letters A-Z, for example FJ.",
    ),
    "tenant.ref_prefix_taken": FindingText(
        'Order numbers of the tenant "{other}" already begin with {value}.',
        "An order number must tell by itself whose it is.",
        "Choose two other letters.",
    ),
    "tenant.settled": FindingText(
        "{key} cannot be changed any more; it was {was}.",
        "The tenant has customers, whose prices, numbers and orders rest on it.",
        "Put it back; whoever is to serve otherwise gets a folder of its own.",
    ),
    "tenant.org_id": FindingText(
        '"{value}" is not a company number of this market.',
        "It is printed on every order confirmation and power of attorney.",
        "Check the digits; the form is {form}.",
    ),
    "tenant.vat_id": FindingText(
        '"{value}" is not a VAT number of this market.',
        "It stands on contract papers.",
        "Check the digits; the form is {form}.",
    ),
    "tenant.vat_other": FindingText(
        'The VAT number "{value}" is not that of the company {company}.',
        "It is not formed from the company number; only a VAT group has a number of its own.",
        "Check the digits; nothing stops you if it is meant.",
        severity="warning",
    ),
    "tenant.phone": FindingText(
        '"{value}" is not an international telephone number.',
        "It is shown and can be called from the page.",
        "Write + and the country code, without spaces, for example +46406280400.",
    ),
    "tenant.email": FindingText(
        '"{value}" is not an e-mail address.',
        "Mails go out from it or arrive there.",
        "Write the whole address with @.",
    ),
    "tenant.area_code": FindingText(
        '"{value}" is not an area code.',
        "Customers choose new fixed numbers by it.",
        'Write 0 and one to three digits in quotation marks, for example "08" = "Stockholm".',
    ),
    "tenant.test_numbers": FindingText(
        "{value} is not a range of numbers.",
        "In demo and tests these numbers pass although no numbering plan knows them.",
        'Write the first and the last, for example [["+4520000000", "+4520000099"]].',
    ),
    "tenant.welcome": FindingText(
        "The welcome mail names no product.",
        "It tells new users how to sign in.",
        'Add product and sign_in, or write mode = "never".',
    ),
    # --- Parents and resellers
    "parent.unknown": FindingText(
        'There is no tenant "{value}".',
        "A reseller sells what its parent provides.",
        "Write the folder name of an operator.",
    ),
    "parent.reseller": FindingText(
        '"{value}" is itself a reseller.',
        "The contract party must be an operator, one level up.",
        "Name the operator as parent.",
    ),
    "parent.broken": FindingText(
        'The folder of its parent "{value}" has errors.',
        "What is inherited cannot be known.",
        "Put the parent's folder right first.",
    ),
    "parent.override": FindingText(
        "{name} may not be set by this reseller.",
        "Its parent {parent} decides it.",
        'Remove it, or let {parent} add "{area}" to may_override.',
    ),
    # --- [signing]
    "signing.issuer": FindingText(
        '"{value}" is not an issuer.',
        "Who proves to be the owner of a number is believed on this broker's word alone.",
        "Write the issuer as the broker tells it, beginning with https:// and without ? and #.",
    ),
    "signing.secret_env": FindingText(
        '"{value}" cannot be the name of the secret\'s variable.',
        "No other secret of the installation may be handed to a broker.",
        "Name a variable that begins SKYLT_EID_SECRET_, for example SKYLT_EID_SECRET_FJALLTON.",
    ),
    "signing.scope": FindingText(
        'The scope "{value}" asks for a personal identity number.',
        "Skylt collects none; who signed is kept by name.",
        "Remove it.",
    ),
    "signing.seal_key": FindingText(
        '"{value}" cannot be the name of a key.',
        "The key that seals is found by it.",
        "Use a-z, 0-9 and -, beginning with a letter.",
    ),
    "signing.sms_sender": FindingText(
        '"{value}" cannot stand as the sender of an SMS.',
        "Networks replace or throw away messages from other senders.",
        "Write 3 to 11 letters A-Z and digits, or a number such as +46406280400.",
    ),
    "signing.no_sender": FindingText(
        "Codes go by SMS, but no sender is named.",
        "Whoever gets a code must see from whom it comes.",
        'Add sms_sender under [signing], or leave "code_sms" out of methods.',
    ),
    "signing.no_eid": FindingText(
        'The method "eid" has no broker.',
        "Nobody could sign that way.",
        'Add [signing.eid] with issuer, client_id, secret_env and dialect, or leave "eid" out of methods.',
    ),
    "signing.unused": FindingText(
        '{name} is given, but "{method}" is none of the methods.',
        "It has no effect.",
        'Add "{method}" to methods, or remove it.',
        severity="warning",
    ),
    "signing.twice": FindingText('The method "{value}" stands twice.', "A signer chooses among them.", "Remove one."),
    "signing.reseller": FindingText(
        "{name} may not be set by a reseller.",
        "The contract party {parent} decides how its papers are signed and sealed.",
        "Remove it; a reseller sets sms_sender only.",
    ),
    # --- brand.toml and pictures
    "brand.colour": FindingText(
        '"{value}" is not a colour.',
        "Every shade of the portal is derived from this one colour.",
        "Write # and 6 hexadecimal digits, for example #FFD200.",
    ),
    "brand.file": FindingText(
        "There is no file {value} in the folder.",
        "The tenant's sign is on every page, mail and paper.",
        "Add the file, or correct its name; it must lie in the tenant's own folder.",
    ),
    "brand.not_svg": FindingText(
        "{name} is not an SVG picture: {reason}.",
        "The logo is shown in any size, on screen and on paper.",
        "Export it as SVG with a viewBox.",
    ),
    "svg.script": FindingText(
        "{name} holds {part}, which could run a program or animate.",
        "A logo is shown to everybody who signs in.",
        "Remove it; plain shapes and paths are enough for a logo.",
    ),
    "svg.link": FindingText(
        "{name} refers to something outside ({value}).",
        "Pages must not call other servers.",
        "Remove the reference or draw the part into the file.",
    ),
    # --- order.toml
    "order.layout": FindingText(
        'A composition with layout "{layout}" needs {needs}.',
        "Otherwise there is no page to show.",
        "Add it, or choose the other layout.",
    ),
    "order.question": FindingText(
        'Unknown question "{value}".',
        "Only the questions of the catalogue can be asked.",
        "Correct it. All questions: docs/tenants.md.",
    ),
    "order.twice": FindingText(
        '"{value}" is asked twice.', "Two answers to one question contradict each other.", "Ask it in one place."
    ),
    "order.after": FindingText(
        '"{value}" is asked before "{upstream}", on which it depends.',
        "Whether and how it is asked follows from that answer.",
        "Move {value} after {upstream}.",
    ),
    "order.needed": FindingText(
        '"{value}" is neither asked nor fixed, but {reason}.',
        "Orders would lack what is needed to carry them out.",
        "Ask it in a step or column, or answer it under [fixed].",
    ),
    "order.option": FindingText(
        '"{value}" is no answer to {question}.', "It could never be chosen.", "Choose among {choices}."
    ),
    "order.no_option": FindingText(
        "No answer to {question} is left.", "The question could not be answered.", "Leave at least one option in."
    ),
    "order.fixed_asked": FindingText(
        '"{value}" is both asked and fixed.',
        "A fixed answer holds for everybody and is not asked.",
        "Remove one of the two.",
    ),
    "order.unused": FindingText(
        'There are settings for "{value}", which is not asked.',
        "They have no effect.",
        "Ask the question, or remove the settings.",
        severity="warning",
    ),
    "order.by_law": FindingText(
        '"{value}" cannot be made optional.',
        "The law asks for this answer.",
        "Remove the key; it would have no effect.",
    ),
    "order.not_optional": FindingText(
        '"{value}" is optional, but {reason}.',
        "Orders would lack what is needed to carry them out.",
        "Remove the key.",
    ),
    "order.step_twice": FindingText(
        'Two steps have the id "{value}".', "The id is the step's address.", "Give one of them another id."
    ),
    "order.step_taken": FindingText(
        'No step can have the id "{value}".',
        "The portal has this word in its own addresses: the step's button would lead there.",
        "Give the step another id.",
    ),
    "order.step_id": FindingText(
        '"{value}" cannot be the id of a step.', "The id is the step's address.", "Use a-z, 0-9 and - only."
    ),
    "order.uncharged": FindingText(
        'A number of the customer\'s choice is offered, but the catalogue has no charge with the trigger "{trigger}".',
        "It would be given away unsaid.",
        "Add the charge to catalogue.toml (0,00 where it is free), or leave the answer out.",
        severity="warning",
    ),
    "order.prefix": FindingText(
        '"{value}" is not how a card number can begin.',
        "SIM card numbers are held against it.",
        "Write two to seven digits, for example 89.",
    ),
    "order.no_plan": FindingText(
        "The answers {answers} select no plan.",
        "A customer who answers so could not go on.",
        "Add such a plan to catalogue.toml, or leave the answer out.",
    ),
    "order.ambiguous_plan": FindingText(
        "The answers {answers} select several plans: {plans}.",
        "Each order must mean exactly one plan.",
        'Ask "product" or "call_rate" as well, or remove a plan.',
    ),
    "order.unreachable_plan": FindingText(
        "No answers select the plan {plan}.",
        "Nobody could order it.",
        'Ask the question that tells it apart, ask "product", or remove the plan.',
    ),
    # --- catalogue.toml
    "catalogue.code": FindingText(
        '"{value}" cannot be an article\'s code.',
        "Codes stand in price files, papers and at the operator.",
        "Use A-Z, 0-9 and - only, at most 24 characters.",
    ),
    "catalogue.duplicate": FindingText(
        "The code {value} is used twice.", "A price row could mean either.", "Give one of the articles another code."
    ),
    "catalogue.data": FindingText(
        "{value} is no data package of this catalogue.",
        "The plan would offer what is not sold.",
        "Add it under [[data]] or remove it.",
    ),
    "catalogue.data_unused": FindingText(
        "No plan admits the data package {value}.",
        "Nobody could order it.",
        "Add it to a plan's data, or remove it.",
        severity="warning",
    ),
    "catalogue.level": FindingText(
        'A charge with the trigger "{trigger}" is taken once a {level}.',
        "Otherwise it would be counted too often or too seldom.",
        'Write level = "{level}".',
    ),
    "catalogue.free_over": FindingText(
        "free_over says from how many cards shipping is free; this charge is no shipping.",
        "It would have no effect.",
        "Remove it.",
    ),
    "catalogue.unpriced": FindingText(
        "{value} has priced = false, but nothing else of it costs.",
        "It would be sold without a price.",
        "Give the plan a price, or only data packages that have one.",
    ),
    # --- Price files
    "prices.none": FindingText(
        "There is no price list.", "Nothing can be ordered without one.", "Add prices/YYYY-MM-DD.csv."
    ),
    "prices.none_today": FindingText(
        "No price list is valid today; the first begins on {first}.",
        "Nothing can be ordered until then.",
        "Add a list with an earlier date.",
    ),
    "prices.date": FindingText(
        '"{name}" is not named by the day it begins.',
        "A price list holds from its local day until the next one.",
        "Name it YYYY-MM-DD.csv, for example 2026-01-01.csv.",
    ),
    "prices.agreement": FindingText(
        '"{name}" cannot be the code of a framework agreement.',
        "The code is printed and names the folder.",
        "Use A-Z, 0-9 and - only, at most 24 characters.",
    ),
    "prices.header": FindingText(
        "The first line is not {wanted}.",
        "Columns are recognised by it.",
        "Write {wanted} in the first line; fields are separated by ;.",
    ),
    "prices.columns": FindingText(
        "The row has {count} fields instead of {wanted}.",
        "Amounts would land in the wrong column.",
        "Write {wanted} fields separated by ; and leave empty what does not apply.",
    ),
    "prices.quotes": FindingText(
        "The file is not CSV: {reason}.", _LATEST, "Look for a quotation mark that is not closed."
    ),
    "prices.code": FindingText(
        "{value} is not in the catalogue.",
        "The price belongs to nothing.",
        "Correct the code, or add the article to catalogue.toml.",
    ),
    "prices.charge": FindingText(
        '"{value}" is none of {choices}.', "It tells how often the amount is taken.", "Choose one of {choices}."
    ),
    "prices.period": FindingText(
        '{code} is charged by "{wanted}", not "{value}".',
        "The amount would never be taken.",
        "Write {wanted}, or change the article in catalogue.toml.",
    ),
    "prices.unit": FindingText(
        '"{value}" is none of {choices}.', "It tells what the amount is for.", "Choose one of {choices}."
    ),
    "prices.duplicate": FindingText(
        "{code} already has a price by {charge} in line {line}.",
        "Only one of them can hold.",
        "Remove one of the rows.",
    ),
    "prices.empty": FindingText(
        "{code} has no amount.", _LATEST, "Write an amount, or remove the row; 0,00 means free of charge."
    ),
    "prices.column": FindingText(
        'The column "{column}" does not belong in {kind}.', "{reason}", "Leave the field empty."
    ),
    "prices.months_hidden": FindingText(
        "A price for {months} months is given, but order.toml leaves {months} out.",
        "Nobody could choose it.",
        'Empty the column, or add "{months}" to the options of months in order.toml.',
    ),
    "prices.missing": FindingText(
        "{code} has no price in the list.",
        "It is offered, but its price is not known.",
        "Add a row for {code} by {charge}; 0,00 means free of charge.",
    ),
    "prices.not_priced": FindingText(
        "{code} has priced = false in catalogue.toml, but a price here.",
        "It is not clear which holds.",
        "Remove the row, or priced = false.",
    ),
    "price.negative": FindingText(
        '"{value}" is below zero.', _LATEST, "Write the amount without a minus sign; 0,00 means free of charge."
    ),
    "price.decimals": FindingText(
        '"{value}" does not have exactly two decimals.', _LATEST, "Write two decimals, for example 49,00 or 49.50."
    ),
    "price.usage": FindingText(
        '"{value}" does not have exactly four decimals.',
        "Usage prices are printed as they are agreed.",
        "Write four decimals, for example 0,5900.",
    ),
    "price.thousands": FindingText(
        '"{value}" has a sign between thousands.',
        "It could be read as decimals.",
        "Write the amount without it, for example 1195,00.",
    ),
    "price.shape": FindingText(
        '"{value}" is not an amount.', _LATEST, "Write digits and two decimals, for example 49,00."
    ),
    "prices.dearer": FindingText(
        "{code} costs more at {months} months than in the price list of {list}.",
        "A customer with the framework agreement would pay for being bound.",
        "Check the amount; nothing stops you if it is meant.",
        severity="warning",
    ),
    "prices.removed": FindingText(
        "The list {id} is gone, though it was valid already.",
        "Drafts and orders name the list they were priced by; from its day the list before it would hold.",
        "Put it back, and write a new list from the day the new prices hold.",
        severity="warning",
    ),
    "prices.backdated": FindingText(
        "The list begins on {first}, but was not in force on that day.",
        "Customers have seen and agreed to other prices since.",
        "Name it by today or a later day.",
        severity="warning",
    ),
    "agreement.in_use": FindingText(
        '{count} customers have the framework agreement "{code}", which would not be there.',
        "They would pay the list's prices unasked.",
        "Put it back with a list that is valid today, or give the customers another agreement first.",
    ),
    "prices.edited": FindingText(
        "{code} cost otherwise in this list when it was already valid.",
        "Orders name the list they were priced by; customers saw the old amount.",
        "Put the old amount back, and write a new list from the day the new one holds.",
        severity="warning",
    ),
    # --- What an operator lets its resellers do
    "price.below_floor": FindingText(
        "{value} for {code} ({column}) is below what your agreement allows.",
        "The operator has set a lowest price for its resellers.",
        "Raise the price, or ask the operator.",
    ),
    "price.above_ceiling": FindingText(
        "{value} for {code} ({column}) is above what your agreement allows.",
        "The operator has set a highest price for its resellers.",
        "Lower the price, or ask the operator.",
    ),
    "wholesale.reseller": FindingText(
        "A reseller has a wholesale folder.", "Only operators set limits for others.", "Remove the folder."
    ),
    "wholesale.order": FindingText(
        "The floor of {code} is above its ceiling.",
        "No price could satisfy both.",
        "Exchange or correct the two amounts.",
    ),
    "wholesale.unknown": FindingText(
        '{code} names "{value}", which the operator does not sell.',
        "Its limits for resellers could not be found.",
        "Write the operator's code of the article.",
    ),
    "wholesale.unnamed": FindingText(
        "{code} does not say which of the operator's articles it is.",
        "Its limits for resellers could not be found.",
        'Add wholesale = "…" with the operator\'s code.',
    ),
    # --- texts/ and legal/
    "texts.file": FindingText(
        '"{name}" is not named by one of the tenant\'s languages.',
        "It would never be read.",
        "Name it by a language: {choices}.",
    ),
    "texts.key": FindingText(
        'Unknown text "{value}".', "It would replace nothing.", "Correct the key. All keys: webapp/domain/texts.py."
    ),
    "texts.language": FindingText(
        'The text "{value}" is worded in {given} only.',
        "Customers who read {language} would see the platform's words.",
        "Word it in texts/{language}.toml as well.",
    ),
    "texts.placeholder": FindingText(
        "The text has the placeholders {given} instead of {wanted}.",
        "They are filled with names, amounts and dates.",
        "Write exactly these: {wanted}.",
    ),
    "texts.long": FindingText(
        "The text has {size} characters; {most} is the most.", "It would not fit where it is shown.", "Make it shorter."
    ),
    "legal.missing": FindingText(
        "{name} is missing.",
        "Customers must be able to read it in each language.",
        "Add the file; the lawyer's text decides.",
    ),
    "legal.version": FindingText(
        "{name} does not begin with its version.",
        "An order remembers which version was agreed to.",
        "Begin the file with <!-- version 2026-01-01 -->.",
    ),
    "legal.placeholder": FindingText(
        'There is no placeholder "{value}".',
        "Customers would read it as it stands.",
        "Write one of [[{choices}]], or leave the double brackets out.",
    ),
    "legal.future": FindingText(
        "{name} says that it is the version of {version}, which is still to come.",
        "Orders of today would be placed on terms that do not hold yet.",
        "Keep the text that holds until that day, or correct the version.",
    ),
    "legal.empty": FindingText("{name} holds no text.", "Customers agree to it.", "Write the text."),
    "legal.section": FindingText(
        'The section "{section}" of {name} is missing or empty.',
        "The contract summary of a small company needs what only the seller can say.",
        "Write ## {section} on a line of its own and the text under it.",
    ),
    "legal.section_long": FindingText(
        'The section "{section}" of {name} has {size} characters; {most} is the most.',
        "The contract summary of one subscription may fill one page.",
        "Make it shorter.",
    ),
    "legal.section_unknown": FindingText(
        '{name} has a section "{section}" that is not printed.',
        "The contract summary has the sections {choices}.",
        "Take one of these headings.",
    ),
    "legal.versions": FindingText(
        "{name} has another version than the text in {other}.",
        "Both languages of a legal text are one version.",
        "Bring both to the same day.",
    ),
}
