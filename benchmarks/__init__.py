"""The figures of `make bench`: one file each, ours and the reference measured in the same run."""
