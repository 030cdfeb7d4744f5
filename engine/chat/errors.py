"""What the program declines to do, in words for the person who asked.

A ``Refused`` is an answer, not a fault: its code is stable (the page and scripts act on it), its
sentence is English for a person and never holds a secret. Faults of our own stay exceptions.
"""

CODES = frozenset(
    {
        "bad_address",  # the text is no address we know how to read
        "bad_request",  # a value is missing, of the wrong kind or out of range
        "bad_code",  # the text is no safety number
        "too_long",  # a text beyond its limit
        "not_found",  # no such chat, person, request or message
        "not_contact",  # the act needs a contact, and this person is none
        "not_allowed",  # our role in the group does not cover the act
        "not_member",  # we are not in this group, or not any more
        "not_synced",  # back from a backup: our own later events are to be heard first
        "not_fresh",  # a backup takes the place of an identity that was not used yet alone
        "wrong_passphrase",  # it opens neither the key file nor the backup
        "bad_passphrase",  # one that protects nothing, or that nobody could type
        "bad_backup",  # the file is no backup, or is damaged
        "already_member",  # they are in this group
        "still_member",  # the act needs us to have left the group
        "self",  # the address is our own
        "blocked",  # we blocked this person ourselves
        "held",  # the emoji differed: the user has to lift that first
        "not_connected",  # the act needs a link that stands now
        "wrong_identity",  # somebody else answered at that address
        "refused",  # nobody listens there
        "unreachable",  # no way to that address from here
        "not_p2pchat",  # somebody answered who does not speak this protocol with us
        "timeout",  # no answer in time
        "gone",  # the message was deleted by its author
        "too_many",  # a quota is used up
        "not_installed",  # an optional library is needed for this
        "disk_full",  # nothing more can be stored, so nothing more is accepted
        "store_failed",  # the store cannot do it now; nothing was changed
        "stopping",  # the program is on its way out
    }
)


class Refused(Exception):  # an answer, not an error
    """We decline. ``code`` is one of CODES; ``sentence`` is what a person reads."""

    def __init__(self, code: str, sentence: str) -> None:
        assert code in CODES, code
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
