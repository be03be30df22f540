"""The verbs, one transaction each; they know no request and call no outside system."""
