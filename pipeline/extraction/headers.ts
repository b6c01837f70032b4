/**
 * What the response's headers state on robots, mining and licences: every value of X-Robots-Tag, TDM-Reservation and TDM-Policy
 * (TDM Reservation Protocol, "TDM Header Field in HTTP Responses"), Content-Usage (IETF AIPREF), Content-Signal, and the links of Link that name a licence
 * (RFC 8288; RFC 4946; Really Simple Licensing). They are collected, never interpreted.
 */
import { HttpHeaders } from "../../formats/index.js";
import type { HeadSignal } from "./head.js";

const names = ["x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage", "content-signal"] as const;
/** Most responses have none of them, and are read no further. */
const mentions = /^(?:x-robots-tag|tdm-reservation|tdm-policy|content-usage|content-signal|link)[\t ]*:/im;
const licence = /\blicen[cs]e\b|\bcopyright\b|application\/rsl\+xml|\brsl\b/i;

/** Octets of all Link headers that are read. */
const longest = 65_536;

/** @param block the header block as captured, without the status line */
export function headerSignals(block: string): readonly HeadSignal[] {
  if (!mentions.test(block)) return [];
  const headers = HttpHeaders.of(Buffer.from(block, "utf8"));
  const found = names.flatMap((name) => headers.all(name).map((content): HeadSignal => ({ element: "header", name, content })));
  for (const link of linksOf(headers.all("link").join(",").slice(0, longest))) {
    // The address of a link may hold any word.
    if (licence.test(link.slice(link.indexOf(">") + 1))) found.push({ element: "header", name: "link", content: link });
  }
  return found;
}

/** The links of a Link header: commas inside `<…>` and quoted strings divide nothing. Linear. */
function linksOf(value: string): readonly string[] {
  const links: string[] = [];
  let start = 0;
  let closing = "";
  for (let i = 0; i < value.length; i++) {
    const character = value.charAt(i);
    if (closing !== "") {
      if (character === "\\" && closing === '"') i++;
      else if (character === closing) closing = "";
    } else if (character === "<") closing = ">";
    else if (character === '"') closing = '"';
    else if (character === ",") {
      links.push(value.slice(start, i).trim());
      start = i + 1;
    }
  }
  links.push(value.slice(start).trim());
  return links;
}
