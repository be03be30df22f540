"""One file an outside system, each with a stand-in; only jobs call them, and no request ever does."""
