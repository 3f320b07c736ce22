"""What the header block of a received message tells, and what its parts are."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.schemas.messages import Attachment


@dataclass(frozen=True, slots=True)
class MailFacts:
    """What is known of a message without parsing it as a whole; texts are fit to be shown and stored.

    ``from_address`` is the first address in From (empty: none), ``message_id`` and ``thread_id`` have their brackets,
    ``received_by`` are the hosts of the Received lines in small letters, the newest first, ``delivered_to`` what
    Delivered-To lines hold. ``oversigned`` are header names (small letters) that a DKIM signature covers more often
    than they are there, so that one more would break it. ``headers`` is the header block as text.
    """

    size_bytes: int
    headers: str = ""
    subject: str = ""
    from_address: str = ""
    message_id: str = ""
    thread_id: str | None = None
    received_count: int = 0
    received_by: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    auto_submitted: str = ""
    precedence: str = ""
    is_from_list: bool = False
    oversigned: frozenset[str] = frozenset()
    attachments: tuple[Attachment, ...] = ()
    preview: str = ""
    is_ascii: bool = True
    has_ascii_headers: bool = True
    has_signature: bool = False

    @property
    def is_automatic(self) -> bool:
        """Whether nobody wants to hear about its failure (RFC 3834 section 2): lists, bulk and automatic mail."""
        answered_by_machine = self.auto_submitted not in ("", "no")
        return answered_by_machine or self.is_from_list or self.precedence in ("bulk", "list", "junk")
