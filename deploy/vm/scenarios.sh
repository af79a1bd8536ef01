# Sourced by run.sh when scenarios are asked for.
die "there are no scenarios yet: use --exec"
