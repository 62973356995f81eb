"""Reviews of a team's texts: the steps, the service and the notifications."""
