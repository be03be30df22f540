"""The benchmarks, for people to read: each goal beside what was measured, as a ratio to a frozen baseline; they fail nothing."""
