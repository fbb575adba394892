"""Encryption: a certificate that somebody gives, or one of our own making, whose fingerprint is told."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import socket
import ssl
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.errors import BadInput

from .auth import write_private
from .server_options import Settings, state_folder

if TYPE_CHECKING:
    from cryptography import x509

log = logging.getLogger(__name__)

DAYS = 820
"""Apple's browsers take no certificate of more than 825."""
_RENEW = timedelta(days=30)
_FROM = datetime(2025, 1, 1, tzinfo=timezone.utc)
"""A Pi without network may believe in a year long past."""


def tls_of(settings: Settings, now: datetime | None = None) -> ssl.SSLContext | None:
    """Return what encrypts, None where nothing is to; raises BadInput where a certificate cannot be used."""
    if not settings.has_tls:
        return None
    certificate, key = settings.tls_cert, settings.tls_key
    if settings.self_signed:
        certificate = key = state_folder(settings) / "page.pem"
        _keep_one(certificate, settings, now or datetime.now(timezone.utc))
    assert certificate is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ssl.SSLError) as error:
        raise BadInput(
            f"expected a certificate with its key (PEM, without a password), found {certificate} and {key}: {error}; "
            "give others, or --tls self-signed"
        ) from error
    if settings.self_signed:
        log.warning("certificate of the page, SHA-256: %s", fingerprint(certificate.read_text()))
    return context


def fingerprint(pem: str) -> str:
    """Return the SHA-256 of the first certificate, as browsers show it."""
    begin = pem.index("-----BEGIN CERTIFICATE")
    end = pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem[begin:end])).hexdigest().upper()
    return ":".join(digest[place : place + 2] for place in range(0, len(digest), 2))


def _keep_one(path: Path, settings: Settings, now: datetime) -> None:
    """Make a certificate where there is none that holds for some time yet."""
    from cryptography import x509

    names = _names(settings)
    try:
        held = x509.load_pem_x509_certificate(path.read_bytes())
        if held.not_valid_after_utc - now > _RENEW and set(names) <= set(_names_in(held)):
            return
        log.warning("%s: soon over, or of other names; it is made anew, and browsers will ask again", path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        log.warning("%s: cannot be read (%s); it is made anew, and browsers will ask again", path, error)
    write_private(path, _make(names, max(now, _FROM)))


def _make(names: Iterable[str], now: datetime) -> str:
    """Return a new key and its certificate, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CancerNet Edge")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (secret + built.public_bytes(serialization.Encoding.PEM)).decode()


def _names(settings: Settings) -> list[str]:
    own = socket.gethostname()
    names = ["localhost", "127.0.0.1", "::1", own, f"{own.partition('.')[0]}.local", *settings.names]
    if settings.host not in ("0.0.0.0", "::", "localhost"):
        names.append(settings.host)
    return sorted({name.lower() for name in names})


def _names_in(certificate: x509.Certificate) -> list[str]:
    from cryptography import x509

    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(each.value) for each in held]


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
