"""What serves all subjects: the way to the verbs, readiness, the demo's content."""
