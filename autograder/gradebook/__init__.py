"""nbgrader's side: its release, its autograde with our judge in it, its gradebook."""
