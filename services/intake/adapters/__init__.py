"""The concrete side of the ports: each module names its technology."""
