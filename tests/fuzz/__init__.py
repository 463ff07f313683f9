"""Everything that reads what a sandbox sends, fed with what no honest sandbox would send."""
