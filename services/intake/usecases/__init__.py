"""What people do at the desk: gather, have the domain decide, write."""
