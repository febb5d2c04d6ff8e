"""Stand-ins for the services that bump talks to."""
