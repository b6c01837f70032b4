/**
 * Who asks: the product token that robots.txt files may name (RFC 9309 §2.2.1), and whom to turn to, in every request (RFC 9110
 * §10.1.5).
 */

import { createRequire } from "node:module";
import { parseUrl } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";

export interface Identity {
  readonly token: string;
  readonly userAgent: string;
  /** Fields of a WARC file's warcinfo record. */
  readonly about: readonly (readonly [string, string])[];
}

/**
 * @param contact an e-mail address, or an http or https URL
 * @throws DataError FETCH_CONTACT_MISSING, USAGE
 */
export function identityOf(contact: string | undefined, token: string): Identity {
  if (contact === undefined || contact === "") throw new DataError("FETCH_CONTACT_MISSING");
  const mail = /^[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/.test(contact);
  const page = /^https?:\/\/[!-'*-~]+$/.test(contact) && parseUrl(contact) !== undefined;
  if (!mail && !page) {
    throw new DataError("FETCH_CONTACT_MISSING", { detail: `${contact} is neither an e-mail address nor a URL` });
  }
  if (!/^[A-Za-z_-]{1,64}$/.test(token)) {
    throw new DataError("USAGE", {
      detail: `--agent-token ${token}`,
      mend: "a product token has letters, - and _ only (RFC 9309 section 2.2.1)",
    });
  }
  const { version } = createRequire(import.meta.url)("apertus-data/package.json") as { readonly version: string };
  const userAgent = `${token}/${version} (+${mail ? "mailto:" : ""}${contact})`;
  return {
    token,
    userAgent,
    about: [
      ["software", `apertus-data/${version}`],
      ["http-header-user-agent", userAgent],
      ["operator", contact],
    ],
  };
}
