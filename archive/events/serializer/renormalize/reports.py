"""Browser reports: csp, hpkp, expectct and expectstaple.

Source: Relay 24.9, relay-event-schema `protocol/security_report.rs`.
"""

from archive.events.serializer.renormalize.rules import KEEP, anything, array, fields, struct, text
from archive.events.serializer.renormalize.scalars import boolean, unsigned

csp = struct(
    *fields(text, "effective_directive blocked_uri document_uri original_policy referrer"),
    *fields(unsigned, "status_code"),
    *fields(text, "violated_directive source_file"),
    *fields(unsigned, "line_number column_number"),
    *fields(text, "script_sample disposition"),
)

_chains = fields(array(text), "served_certificate_chain validated_certificate_chain")

hpkp = struct(
    *fields(text, "date_time hostname"),
    *fields(unsigned, "port"),
    *fields(text, "effective_expiration_date"),
    *fields(boolean, "include_subdomains"),
    *fields(text, "noted_hostname"),
    *_chains,
    *fields(array(text), "known_pins"),
)

expectct = struct(
    *fields(text, "date_time hostname"),
    *fields(unsigned, "port"),
    *fields(text, "scheme effective_expiration_date"),
    *_chains,
    ("scts", array(struct(*fields(anything, "version status source serialized_sct"))), KEEP),
    *fields(text, "failure_mode"),
    *fields(boolean, "test_report"),
)

expectstaple = struct(
    *fields(text, "date_time hostname"),
    *fields(unsigned, "port"),
    *fields(text, "effective_expiration_date response_status"),
    *fields(text, "cert_status"),
    *_chains,
)
