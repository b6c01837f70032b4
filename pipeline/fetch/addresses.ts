/**
 * Which addresses belong to the public internet. A list of hosts comes from the web, and a name may point anywhere: into the
 * network of whoever fetches, at a cloud's metadata service, at this machine (server-side request forgery, CWE-918). The ranges are
 * those of IANA's special-purpose registries (RFC 6890 and its successors) that are not globally reachable.
 */
import { BlockList, isIP } from "node:net";

const special4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;

/** Inside the global unicast range 2000::/3: protocol assignments with Teredo, documentation, 6to4. */
const special6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

const blocked4 = new BlockList();
for (const [net, bits] of special4) blocked4.addSubnet(net, bits, "ipv4");

/** IPv6 addresses that may be public at all: global unicast, and the two prefixes that carry an IPv4 address (RFC 4291, RFC 6052). */
const open6 = new BlockList();
open6.addSubnet("2000::", 3, "ipv6");
open6.addSubnet("64:ff9b::", 96, "ipv6");

const blocked6 = new BlockList();
for (const [net, bits] of special6) blocked6.addSubnet(net, bits, "ipv6");
for (const [net, bits] of special4) blocked6.addSubnet(`64:ff9b::${net}`, 96 + bits, "ipv6");

/** ::ffff:192.0.2.1, which the system connects to as 192.0.2.1. */
const mapped = new BlockList();
mapped.addSubnet("::ffff:0:0", 96, "ipv6");
const blockedMapped = new BlockList();
for (const [net, bits] of special4) blockedMapped.addSubnet(`::ffff:${net}`, 96 + bits, "ipv6");

/** False for anything that is no address, and for one with a zone (`fe80::1%eth0`), which only this machine knows. */
export function isPublicAddress(address: string): boolean {
  if (address.includes("%")) return false;
  const family = isIP(address);
  if (family === 4) return !blocked4.check(address, "ipv4");
  if (family !== 6) return false;
  if (mapped.check(address, "ipv6")) return !blockedMapped.check(address, "ipv6");
  return open6.check(address, "ipv6") && !blocked6.check(address, "ipv6");
}
