"""SMTPy Desktop: look after your own e-mail forwarding and its domains."""

__version__ = "0.1.0"
