/** Which addresses are public, by the registries of special-purpose addresses. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../../pipeline/fetch/addresses.js";

describe("isPublicAddress", () => {
  it.each([
    ["1.1.1.1", true],
    ["100.63.255.255", true],
    ["172.15.255.255", true],
    ["172.32.0.0", true],
    ["223.255.255.255", true],
    ["0.0.0.0", false],
    ["10.1.2.3", false],
    ["100.64.0.1", false],
    ["127.0.0.1", false],
    ["127.255.255.254", false],
    ["169.254.169.254", false],
    ["172.16.0.1", false],
    ["172.31.255.255", false],
    ["192.0.0.170", false],
    ["192.0.2.1", false],
    ["192.168.255.1", false],
    ["198.19.0.1", false],
    ["198.51.100.7", false],
    ["203.0.113.7", false],
    ["224.0.0.1", false],
    ["255.255.255.255", false],
    ["2606:4700::1", true],
    ["2a00:1450:4001::200e", true],
    ["::", false],
    ["::1", false],
    ["::127.0.0.1", false],
    ["fe80::1", false],
    ["fe80::1%eth0", false],
    ["2606:4700::1%eth0", false],
    ["fc00::1", false],
    ["fdff::1", false],
    ["ff02::1", false],
    ["100::1", false],
    ["2001::1", false],
    ["2001:db8::1", false],
    ["2002:7f00:1::", false],
    ["3fff:1::", false],
    ["5f00::1", false],
    ["::ffff:127.0.0.1", false],
    ["::ffff:7f00:1", false],
    ["::ffff:169.254.169.254", false],
    ["::ffff:1.1.1.1", true],
    ["::ffff:0:1.1.1.1", false],
    ["64:ff9b::10.0.0.1", false],
    ["64:ff9b::7f00:1", false],
    ["64:ff9b::1.1.1.1", true],
    ["64:ff9b:1::1.1.1.1", false],
    ["example.org", false],
    ["", false],
  ])("%s: %s", (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });

  it("says the same of an IPv4 address and of the IPv6 addresses that carry it", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const expected = isPublicAddress(address);
        expect(isPublicAddress(`::ffff:${address}`)).toBe(expected);
        expect(isPublicAddress(`64:ff9b::${address}`)).toBe(expected);
      }),
    );
  });

  it("takes any text", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV6()), (text) => typeof isPublicAddress(text) === "boolean"));
  });
});
