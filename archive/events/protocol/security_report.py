"""Browser reports (Relay 24.9, protocol/security_report.rs)."""

from archive.events.protocol.bag import LARGE, any_value
from archive.events.protocol.containers import array
from archive.events.protocol.scalars import TEXT, boolean, signed, unsigned
from archive.events.protocol.struct import Field, Struct, fields

CSP = Struct(
    "csp",
    *fields(TEXT, "effective_directive blocked_uri document_uri original_policy referrer"),
    Field("status_code", unsigned),
    *fields(TEXT, "violated_directive source_file"),
    *fields(unsigned, "line_number column_number"),
    *fields(TEXT, "script_sample disposition"),
)

HPKP = Struct(
    "hpkp",
    *fields(TEXT, "date_time hostname"),
    Field("port", unsigned),
    Field("effective_expiration_date", TEXT),
    Field("include_subdomains", boolean),
    Field("noted_hostname", TEXT),
    *fields(array(TEXT), "served_certificate_chain validated_certificate_chain"),
    Field("known_pins", array(TEXT), required=True),
)

SINGLE_CERTIFICATE_TIMESTAMP = Struct(
    "singlecertificatetimestamp",
    Field("version", signed),
    *fields(TEXT, "status source serialized_sct"),
)

EXPECT_CT = Struct(
    "expectct",
    *fields(TEXT, "date_time hostname"),
    Field("port", signed),
    *fields(TEXT, "scheme effective_expiration_date"),
    *fields(array(TEXT), "served_certificate_chain validated_certificate_chain"),
    Field("scts", array(SINGLE_CERTIFICATE_TIMESTAMP)),
    Field("failure_mode", TEXT),
    Field("test_report", boolean),
)

EXPECT_STAPLE = Struct(
    "expectstaple",
    *fields(TEXT, "date_time hostname"),
    Field("port", signed),
    *fields(TEXT, "effective_expiration_date response_status cert_status"),
    *fields(array(TEXT), "served_certificate_chain validated_certificate_chain"),
    Field("ocsp_response", any_value(LARGE)),
)
