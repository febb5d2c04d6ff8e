"""What should stand where: configuration, questions to the registry, decisions and the plan. No I/O, no clock."""
