//! The public key in an SSH signature (OpenSSH's `PROTOCOL.sshsig`). OpenSSH verifies signatures; the key tells whether two
//! signatures are one person's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The end of the type of a certificate, which contains the certified key.
const CERTIFICATE: &str = "-cert-v01@openssh.com";

/// The public key with which a signature in text form was made; none if the text is no such signature. Equal keys are
/// equal here, however they are written, and a certificate is the key that it certifies.
pub fn public_key(signature: &str) -> Option<Vec<Vec<u8>>> {
    let lines = signature.lines().map(str::trim).skip_while(|line| *line != "-----BEGIN SSH SIGNATURE-----").skip(1);
    let text: String = lines.take_while(|line| *line != "-----END SSH SIGNATURE-----").collect();
    let blob = STANDARD.decode(text).ok()?;
    let mut rest = blob.strip_prefix(b"SSHSIG")?.get(4..)?;
    let mut key = field(&mut rest)?;
    let kind = std::str::from_utf8(field(&mut key)?).ok()?;
    let mut fields = Vec::new();
    let kind = match kind.strip_suffix(CERTIFICATE) {
        Some(kind) => {
            let _nonce = field(&mut key)?;
            for _ in 0..fields_of(kind) {
                fields.push(plain(field(&mut key)?));
            }
            kind
        }
        None => {
            while !key.is_empty() {
                fields.push(plain(field(&mut key)?));
            }
            kind.trim_end_matches("@openssh.com")
        }
    };
    fields.insert(0, kind.as_bytes().to_vec());
    Some(fields)
}

/// The number of fields of a key, by its type.
fn fields_of(kind: &str) -> usize {
    match kind {
        "ssh-ed25519" => 1,
        "ssh-dss" => 4,
        "sk-ecdsa-sha2-nistp256" => 3,
        _ => 2,
    }
}

/// The next field: four bytes with its length, and the field.
fn field<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (field, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(field)
}

/// A field without zeros at its beginning: OpenSSH reads a number with more of them as the same number.
fn plain(field: &[u8]) -> Vec<u8> {
    field.iter().copied().skip_while(|&byte| byte == 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(key: &[&[u8]]) -> String {
        let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
        let key: Vec<u8> = key.iter().flat_map(|field| string(field)).collect();
        let blob = [b"SSHSIG".as_slice(), &1_u32.to_be_bytes(), &string(&key), &string(b"namespace")].concat();
        let text = STANDARD.encode(blob);
        let (first, second) = text.split_at(text.len() / 2);
        format!("-----BEGIN SSH SIGNATURE-----\n{first}\n{second}\n-----END SSH SIGNATURE-----\n")
    }

    #[test]
    fn one_key_is_the_same_in_every_form() {
        let key = |fields: &[&[u8]]| public_key(&signature(fields));
        let rsa = key(&[b"ssh-rsa", b"\x01\x00\x01", b"\x00\xab\xcd"]);
        assert!(rsa.is_some());
        assert_eq!(rsa, key(&[b"ssh-rsa", b"\x00\x00\x01\x00\x01", b"\xab\xcd"]));
        assert_eq!(
            rsa,
            key(&[b"ssh-rsa-cert-v01@openssh.com", b"nonce", b"\x01\x00\x01", b"\x00\xab\xcd", b"serial", b"more"])
        );
        assert_ne!(rsa, key(&[b"ssh-rsa", b"\x01\x00\x01", b"\x00\xab\xce"]));
        let hardware = key(&[b"sk-ssh-ed25519@openssh.com", b"key", b"ssh:"]);
        assert_eq!(hardware, key(&[b"sk-ssh-ed25519-cert-v01@openssh.com", b"nonce", b"key", b"ssh:", b"serial"]));
        assert_ne!(hardware, key(&[b"ssh-ed25519", b"key"]));
    }

    #[test]
    fn what_is_no_signature_has_no_key() {
        let good = signature(&[b"ssh-ed25519", b"key"]);
        let short =
            format!("-----BEGIN SSH SIGNATURE-----\n{}\n", STANDARD.encode(b"SSHSIG\x00\x00\x00\x01\x00\x00\x01\x00x"));
        for bad in ["", "SSHSIG", &good.replace("-----BEGIN", "-----"), &good.replacen("U1NI", "AAAA", 1), &short] {
            assert_eq!(public_key(bad), None, "{bad}");
        }
    }
}
