"""Files with marks of origin and known truth: signed, broken, stripped, labelled. Signing needs c2pa-python."""

import datetime
import functools
import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.errors import UsageError

C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".wav": "audio/wav",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a manifest should say. `source_type` is the last part of an IPTC digital source type.

    `remote_url` is named in the file as the place of the manifest; without `is_embedded` it is only there.
    `made_from` are files that become ingredients, the first of them the parent.
    """

    source_type: str = "digitalCapture"
    generator: str = "tidegate-tests"
    agent: str = "Sample camera"
    actions: tuple[str, ...] = ()
    remote_url: str = ""
    is_embedded: bool = True
    made_from: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A signer made for tests: its certificate chain and key, and the root that a trust list would hold, in PEM."""

    chain_pem: bytes
    key_pem: bytes
    root_pem: str


def credentials(name: str = "Sample signer", ocsp_url: str = "") -> Credentials:
    """A key and certificate that C2PA accepts, under a root of their own; the same in one process for one name.

    C2PA 2.2, 14.5: version 3, key usage digitalSignature, extended key usage emailProtection, not a CA, with subject
    and authority key identifiers. Needs the package cryptography, which c2pa-python brings.
    """
    return _credentials(name, ocsp_url)


@functools.cache
def _credentials(name: str, ocsp_url: str) -> Credentials:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_public = root_key.public_key()
    root = (
        _certificate(f"{name} root", f"{name} root", root_public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(is_root=True), critical=True)
    )
    leaf = (
        _certificate(name, f"{name} root", key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(is_root=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_public), critical=False)
    )
    if ocsp_url:
        place = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp_url))
        leaf = leaf.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    root_pem, leaf_pem = _signed(root, root_key), _signed(leaf, root_key)
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Credentials(chain_pem=leaf_pem + root_pem, key_pem=key_pem, root_pem=root_pem.decode())


def _certificate(name: str, issuer: str, public_key: Any) -> Any:  # noqa: ANN401 - cryptography is optional
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    def named(common_name: str) -> x509.Name:
        parts = ((NameOID.ORGANIZATION_NAME, "Tidegate tests"), (NameOID.COMMON_NAME, common_name))
        return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])

    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, is_root: bool) -> Any:  # noqa: ANN401 - cryptography is optional
    from cryptography import x509

    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    unset = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=not is_root, key_cert_sign=is_root, crl_sign=is_root, **unset)


def _signed(builder: Any, key: Any) -> bytes:  # noqa: ANN401 - cryptography is optional
    from cryptography.hazmat.primitives import hashes, serialization

    return bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def sign(
    source: Path, target: Path, claim: Claim = Claim(), signer: str = "Sample signer", *, ocsp_url: str = ""
) -> Path:
    """Write `source` with a manifest to `target` and return that; the suffix says the media type.

    `ocsp_url` is where the certificate says that its revocation can be asked about.
    Never uses the network: no time stamp, no fetching. Raises UsageError for a suffix that cannot hold a manifest.
    """
    import c2pa

    media_type = _MEDIA_TYPES.get(target.suffix.lower())
    if media_type is None:
        raise UsageError(f"no manifest can be put into {target.suffix or 'a file without suffix'}", where=str(target))
    held = credentials(signer, ocsp_url)
    settings = {
        "verify": {"remote_manifest_fetch": False, "verify_after_sign": False},
        "builder": {"thumbnail": {"enabled": False}},
    }
    builder = c2pa.Builder(_manifest(claim, media_type), c2pa.Context(c2pa.Settings.from_dict(settings)))
    for number, path in enumerate(claim.made_from):
        relation = "componentOf" if number else "parentOf"
        ingredient = {"title": path.name, "relationship": relation, "instance_id": f"xmp:iid:{number}"}
        with path.open("rb") as file:
            builder.add_ingredient(json.dumps(ingredient), _MEDIA_TYPES[path.suffix.lower()], file)
    if claim.remote_url:
        builder.set_remote_url(claim.remote_url)
    if not claim.is_embedded:
        builder.set_no_embed()
    info = c2pa.C2paSignerInfo("es256", held.chain_pem, held.key_pem, None)
    with source.open("rb") as read, target.open("w+b") as written:
        builder.sign(c2pa.Signer.from_info(info), media_type, read, written)
    return target


def _manifest(claim: Claim, media_type: str) -> dict[str, Any]:
    first: dict[str, Any] = {"action": "c2pa.created", "digitalSourceType": IPTC + claim.source_type}
    if claim.made_from:
        first = {"action": "c2pa.opened", "parameters": {"org.cai.ingredientIds": ["xmp:iid:0"]}}
    first["softwareAgent"] = {"name": claim.agent}
    actions = [first, *({"action": action} for action in claim.actions)]
    return {
        "claim_generator_info": [{"name": claim.generator, "version": "1.0"}],
        "title": "sample",
        "format": media_type,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }


def box(kind: bytes, *parts: bytes) -> bytes:
    """One MP4 box."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def with_boxes(mp4: bytes, *added: bytes) -> bytes:
    """The MP4 with boxes at its end, where they move nothing."""
    return mp4 + b"".join(added)


def without_manifest(mp4: bytes) -> bytes:
    """The MP4 whose manifest box was turned into free space, as tools do that clean in place."""
    at = mp4.index(C2PA_BOX) - 4
    return mp4[:at] + b"free" + mp4[at + 4 :]


def manifest_box(store: bytes) -> bytes:
    """A C2PA box (C2PA 2.2, A.5.1) around any bytes."""
    return box(b"uuid", C2PA_BOX, b"\0\0\0\0manifest\0", bytes(8), store)


def store_of(mp4: bytes) -> bytes:
    """The manifest store inside the first C2PA box of an MP4."""
    at = mp4.index(C2PA_BOX) - 8
    return mp4[at + 8 + 16 + 4 + 9 + 8 : at + struct.unpack(">I", mp4[at : at + 4])[0]]


def xmp(properties: Mapping[str, str]) -> bytes:
    """An XMP packet with these properties of the namespaces Iptc4xmpExt, xmp, dcterms, photoshop and TC260."""
    spaces = {
        "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "dcterms": "http://purl.org/dc/terms/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
    }
    declared = " ".join(f'xmlns:{name}="{uri}"' for name, uri in spaces.items())
    inside = "".join(f"<{name}>{_escaped(value)}</{name}>" for name, value in properties.items())
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {declared}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def xmp_box(packet: bytes) -> bytes:
    """The MP4 box of an XMP packet."""
    return box(b"uuid", XMP_BOX, packet)


def with_text_chunks(png: bytes, texts: Mapping[str, str]) -> bytes:
    """The PNG with tEXt chunks before its pictures."""
    added = b""
    for keyword, text in texts.items():
        body = keyword.encode("latin-1") + b"\0" + text.encode("latin-1")
        added += struct.pack(">I", len(body)) + b"tEXt" + body + struct.pack(">I", zlib.crc32(b"tEXt" + body))
    at = png.index(b"IDAT") - 4
    return png[:at] + added + png[at:]


def jumbf_bomb(depth: int) -> bytes:
    """A JUMBF superbox inside a superbox, `depth` times, under the type of a C2PA store."""
    kind = box(b"jumd", b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71\x03c2pa\0")
    inner = box(b"cbor", b"c2cl\x00\x11\x00\x10")
    for _ in range(depth):
        inner = box(b"jumb", kind, inner)
    return inner
