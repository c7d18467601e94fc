"""What is true: the rules of scheduling, as pure functions of values. No clock, no input or output, no framework."""
