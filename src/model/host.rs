//! Hosts of addresses, and whether they are local, private or public.
//!
//! A host is parsed like in browsers and HTTP clients, by the [URL
//! standard](https://url.spec.whatwg.org/#host-parsing). So `127.1`, `0x7f.0.0.1`, `2130706433`, `%3127.0.0.1` and
//! full-width digits all mean `127.0.0.1`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// The network to which an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The client's own machine, its link, or the metadata service of its cloud: a different target for each client.
    Own,
    /// A private network, or a range without public use.
    Private,
    /// The public internet.
    Public,
}

/// Names of the client's own machine, in addition to names below `.localhost` (RFC 6761, section 6.3).
const LOOPBACK_NAMES: [&str; 5] = ["localhost", "localhost.localdomain", "localhost6", "ip6-localhost", "ip6-loopback"];

/// Names of a cloud's metadata service: of Google Cloud and of Amazon EC2.
const METADATA_NAMES: [&str; 5] =
    ["metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"];

/// Metadata services outside of the link-local range: of Azure, of Alibaba Cloud and of Oracle Cloud.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)];

/// The metadata service of Google Cloud over IPv6.
const METADATA_GOOGLE: Ipv6Addr = Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254);

/// The reach of the host in an address. IPv6 addresses are in brackets. None for a name that needs a name server.
///
/// # Errors
/// The text is not a valid host.
pub fn reach_of(host: &str) -> Result<Option<Reach>, url::ParseError> {
    match Host::parse(host)? {
        Host::Ipv4(ip) => Ok(Some(of_v4(ip))),
        Host::Ipv6(ip) => Ok(Some(of_v6(ip))),
        // A final dot can follow an IP address too.
        Host::Domain(name) if name.ends_with('.') => reach_of(name.trim_end_matches('.')),
        Host::Domain(name) => Ok(is_own_name(&name).then_some(Reach::Own)),
    }
}

fn is_own_name(name: &str) -> bool {
    LOOPBACK_NAMES.contains(&name) || name.ends_with(".localhost") || METADATA_NAMES.contains(&name)
}

/// The reach of an IP address, by the special-purpose registries of IANA (RFC 6890 and its updates).
pub fn reach(ip: IpAddr) -> Reach {
    match ip {
        IpAddr::V4(ip) => of_v4(ip),
        IpAddr::V6(ip) => of_v6(ip),
    }
}

fn of_v4(ip: Ipv4Addr) -> Reach {
    let [a, b, c, _] = ip.octets();
    if a == 0 || ip.is_loopback() || ip.is_link_local() || METADATA_V4.contains(&ip) {
        return Reach::Own;
    }
    let special = ip.is_private()
        || ip.is_documentation()
        || matches!((a, b, c), (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) | (224.., ..));
    if special { Reach::Private } else { Reach::Public }
}

fn of_v6(ip: Ipv6Addr) -> Reach {
    let parts = ip.segments();
    // Amazon's services on the machine's link are in fd00:ec2::/32.
    let own = ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_unicast_link_local()
        || parts[..2] == [0xfd00, 0xec2]
        || ip == METADATA_GOOGLE;
    let inner = embedded(ip).map(of_v4);
    if own || inner == Some(Reach::Own) {
        return Reach::Own;
    }
    let global = match (parts[0], parts[1]) {
        (0x64, 0xff9b) => parts[2..6] == [0; 4],
        (0x2001, ..0x200 | 0xdb8) | (0x3fff, ..0x1000) => false,
        (0x2000..=0x3fff, _) => true,
        _ => ip.to_ipv4_mapped().is_some(),
    };
    if global && inner != Some(Reach::Private) { Reach::Public } else { Reach::Private }
}

/// The IPv4 address that is embedded in an IPv6 address, in any of the standard forms.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = ip.segments();
    let v4 = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match parts {
        // Compatible and mapped (RFC 4291), translated (RFC 2765), NAT64 (RFC 6052 and 8215).
        [0, 0, 0, 0, 0, 0, high, low]
        | [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, _, _, _, _, high, low] => v4(high, low),
        // 6to4 (RFC 3056), and Teredo (RFC 4380), which inverts the bits.
        [0x2002, high, low, ..] => v4(high, low),
        [0x2001, 0, .., high, low] => v4(!high, !low),
        // ISATAP (RFC 5214).
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => v4(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safety_27_every_spelling_of_this_machine_or_a_metadata_service_is_known() {
        for own in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "0",
            "0.1.2.3",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "0X7F.0x0.00.01",
            "127.0.0.1.",
            "127.0.0.1..",
            "127.1.",
            "127.0.0.1%2e%2e",
            "%31%32%37.0.0.1",
            "127%2e0%2E0%2e1",
            "１２７.０.０.１",
            "127。0。0。1",
            "１２７．1",
            "127｡0｡0｡1。",
            "①②⑦.1",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "localhost..",
            "a.b.localhost",
            "x.LocalHost.",
            "ｌocalhost",
            "%6cocalhost",
            "loc\u{ad}alhost",
            "localhost.localdomain",
            "ip6-loopback",
            "169.254.169.254",
            "169.254.0.1",
            "2852039166",
            "0xa9fea9fe",
            "0251.0376.0251.0376",
            "169.254.43518",
            "metadata.google.internal",
            "METADATA.google.internal.",
            "metadata.goog",
            "instance-data",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "[::1]",
            "[::]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::ffff:a9fe:a9fe]",
            "[::127.0.0.1]",
            "[::ffff:0:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b::169.254.169.254]",
            "[64:ff9b:1::127.0.0.1]",
            "[2002:7f00:1::]",
            "[2002:a9fe:a9fe::1]",
            "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
            "[fe80::1]",
            "[febf::1]",
            "[fd00:ec2::254]",
            "[FD00:EC2::254]",
            "[fd20:ce::254]",
            "[2001:470::5efe:127.0.0.1]",
            "[fe80::200:5efe:1.2.3.4]",
        ] {
            assert_eq!(reach_of(own), Ok(Some(Reach::Own)), "{own}");
        }
    }

    #[test]
    fn safety_27_hosts_that_are_just_outside_are_left_alone() {
        for (host, reach) in [
            ("126.255.255.255", Reach::Public),
            ("128.0.0.1", Reach::Public),
            ("1.0.0.0", Reach::Public),
            ("169.253.255.255", Reach::Public),
            ("169.255.0.0", Reach::Public),
            ("168.63.129.17", Reach::Public),
            ("2130706432", Reach::Own),
            ("2113929215", Reach::Public),
            ("10.0.0.1", Reach::Private),
            ("100.100.100.201", Reach::Private),
            ("[::2]", Reach::Own),
            ("[::ffff:128.0.0.1]", Reach::Public),
            ("[64:ff9b::128.0.0.1]", Reach::Public),
            ("[2002:8000:1::]", Reach::Public),
            ("[fec0::1]", Reach::Private),
            ("[fd00:ec3::254]", Reach::Private),
            ("[fd20:ce::255]", Reach::Private),
            ("[2001:470::5eff:127.0.0.1]", Reach::Public),
        ] {
            assert_eq!(reach_of(host), Ok(Some(reach)), "{host}");
        }
        for name in [
            "example.com",
            "localhost.example.com",
            "notlocalhost",
            "127.0.0.1.nip.io",
            "metadata.example",
            "münchen.de",
        ] {
            assert_eq!(reach_of(name), Ok(None), "{name}");
        }
        for nothing in [
            "",
            ".",
            "a b",
            "a%00b",
            "[::1%25lo]",
            "[fe80::1%eth0]",
            "[::1",
            "256.0.0.1",
            "1.2.3.4.5",
            "0x",
            "a@b",
            "a/b",
        ] {
            assert!(!matches!(reach_of(nothing), Ok(None | Some(Reach::Public))), "{nothing}: {:?}", reach_of(nothing));
        }
    }

    #[test]
    fn safety_18_private_addresses_are_known_in_every_form() {
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::808:808",
            "2002:7f00:1::",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1",
            "2001:1ff::1",
            "3fff::1",
            "3fff:fff::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:0:8.8.8.8",
            "4000::1",
            "2606:4700::5efe:a00:1",
        ] {
            assert_ne!(reach(private.parse().unwrap()), Reach::Public, "{private}");
        }
        for public in [
            "1.1.1.1",
            "172.15.255.255",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "3fff:1000::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::1",
            "2606:4700::5efe:101:101",
        ] {
            assert_eq!(reach(public.parse().unwrap()), Reach::Public, "{public}");
        }
    }
}
