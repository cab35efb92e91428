"""One virtual IP for a Docker Swarm cluster: set up, watch and rehearse failover."""

__version__ = "0.1.0"
