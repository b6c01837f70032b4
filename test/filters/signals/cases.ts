/** What each standard says of each spelling, by its sections: [the text, what is stated as category=value, what it shows]. */
export type Case = readonly [text: string, stated: string, shows: string];

/** contentsignals.org, 2025: a comma-separated list of uses, each yes or no; a use that is left out says nothing. */
export const contentSignalCases: readonly Case[] = [
  ["search=yes,ai-train=no", "search=allow train=deny", "without blanks, as Cloudflare writes it"],
  ["ai-train=no, search=yes, ai-input=yes", "train=deny search=allow input=allow", "in any order, with blanks"],
  ["ai-train=yes", "train=allow", "a use that is not named is neither granted nor restricted"],
  ["AI-Train = NO", "train=deny", "in any case, with blanks around the sign"],
  ["ai-train=maybe", "train=unknown", "a value that is neither yes nor no says nothing"],
  ["ai-train=", "train=unknown", "nor does a missing one"],
  ["ai-train", "", "nor a key alone"],
  ["ai-training=no", "", "keys that nobody defined are passed over"],
  ["search=yes ai-train=no", "search=allow train=deny", "blanks in place of commas"],
  ["search=yes, use=reference", "search=allow use=unknown", "use (2026) is recorded and means neither"],
  ['ai-train="no"', "train=deny", "in quotes"],
  [
    "“ai-train”=‘no’, search = 'yes'",
    "train=deny search=unknown",
    "in quotes of a word processor; a permission in quotes is none",
  ],
  ["ai-train: no, search:yes", "train=deny search=unknown", "a colon in place of the sign, which permits nothing"],
  ["ai-train=NO!, ai-input=0", "train=deny input=deny", "with other marks behind"],
  ["ai-train=yes:no", "train=unknown", "one that contradicts itself"],
  ['ai-train="" yes', "train=unknown", "an empty one"],
  ["not:ai-train=yes", "train=unknown", "something in front"],
  ["ai_train=no", "train=deny", "an underscore in place of the hyphen"],
  ["ai-train=false; ai-input=disallow", "train=deny input=deny", "other words that leave no doubt of a denial"],
  ["ai-train=true", "train=unknown", "and none that grants"],
  ["search=yes, Content-Signal: ai-train=no", "search=allow train=deny", "the line's name once more"],
  ["", "", "nothing"],
];

/** draft-ietf-aipref-vocab-08, "Exemplary Serialization Format", on top of RFC 9651 section 4.2.2. */
export const contentUsageCases: readonly Case[] = [
  ["train-ai=n", "train=deny", "vocab, Preference Labels: n disallows"],
  ["train-ai=y, search=n", "train=allow search=deny", "vocab, Preference Labels: y allows"],
  ["train-ai=n;exceptions=cc-cr", "train=deny", "vocab, Syntax Extensions: parameters are ignored"],
  ["train-ai", "train=unknown", "vocab, Processing Algorithm: a boolean is no preference (RFC 9651 3.2: a key alone is true)"],
  ["train-ai=?0", "train=unknown", "vocab, Processing Algorithm: nor is a boolean that is spelt out"],
  ['train-ai="n"', "train=unknown", "vocab, Processing Algorithm: a string is no token"],
  ["train-ai=no", "train=unknown", "vocab, Processing Algorithm: only y and n are preferences"],
  ["train-ai=N", "train=unknown", "vocab, Processing Algorithm: and in this case only"],
  ["Train-AI=n", "train=unknown", "RFC 9651 3.1.2: a key in capitals breaks the dictionary, so all is unknown"],
  ["train-ai=n train-ai=y", "train=unknown", "RFC 9651 4.2.2 (2.8): members are divided by commas"],
  ["train-ai=n,", "train=unknown", "RFC 9651 4.2.2 (2.10): no comma at the end"],
  ["train-ai=y, train-ai=n", "train=deny", "RFC 9651 4.2.2 (2.6): the last of equal keys"],
  [
    'train-ai=n, whatever=(a b;c=1 "d");e, f=:YQ==:, g=1.5, h=@1659578233, i=%"f%c3%bc"',
    "train=deny",
    "unknown keys of all types are read and ignored",
  ],
  [
    'train-ai=y, train-ai, search=n, search="n"',
    "train=unknown search=unknown",
    "vocab, Multiple Preferences: its own example",
  ],
  ["train-ai;allow=n, train-ai=y", "train=allow", "vocab, Preference Parameters: its own example"],
  ['train-ai;has;parameters="?"', "train=unknown", "vocab, Preference Parameters: its own example, without its last semicolon"],
  ["search=y", "search=allow", "vocab: a category that is not named stays unset"],
  ["", "", "RFC 9651 4.2: an empty dictionary"],
  ["  train-ai=n  ", "train=deny", "RFC 9651 4.2: spaces around"],
  ["genai=n", "train=deny", "vocab-01: a denial by a former label counts"],
  ["genai=y", "train=unknown", "vocab-01: a permission by one does not"],
  ["tdm=n", "mine=deny", "vocab-01: tdm"],
  ["bots=n, ai-output=n", "train=deny input=deny", "vocab-04: bots, ai-output"],
];

/** Google's specification of X-Robots-Tag, and DeviantArt's noai. */
export const xRobotsCases: readonly Case[] = [
  ["noai", "*:train=deny", "noai"],
  ["noindex, noai, noimageai", "*:index=deny *:train=deny *:images=deny", "a list"],
  ["NoAI", "*:train=deny", "in any case"],
  ["gptbot: noai", "gptbot:train=deny", "for one agent"],
  [
    "noarchive, gptbot: noai, nofollow, noml",
    "*:archive=deny gptbot:train=deny",
    "an agent speaks up to the next one, and is quoted once for a use",
  ],
  ["googlebot: nofollow, otherbot: noindex, noai", "otherbot:index=deny otherbot:train=deny", "two agents"],
  ["unavailable_after: Wed, 03 Dec 2025 13:09:53 GMT", "", "a date is no opt-out"],
  ["unavailable_after: 25 Jun 2010 15:00:00 PST, noai", "*:train=deny", "and hides none"],
  ["max-snippet: 20, max-image-preview: large", "", "directives with values are no agents"],
  ["all, index, follow", "", "permissions to index say nothing of training"],
  ["none", "*:index=deny", "none is noindex, nofollow"],
  ["noainoai", "", "only whole directives"],
  ["noai noimageai", "*:train=deny *:images=deny", "blanks in place of commas"],
  ["max-snippet:-1 noai", "*:train=deny", "a blank behind a value"],
  ["noindex gptbot: noai", "*:index=deny gptbot:train=deny", "a blank in front of an agent"],
  ["Kangaroo Bot: noai", "kangaroo bot:train=deny", "an agent of two words"],
  ["rating: adult, noai", "*:train=deny", "rating is no agent"],
  ["new-thing: 5, noai", "*:train=deny", "nor is an unknown directive with a value"],
  ["googlebot: max-snippet: 5, noai", "googlebot:train=deny", "a value does not end what is said to an agent"],
];

/** [name, content, stated, shows] */
export const metaRobotsCases: readonly (readonly [string, ...Case])[] = [
  ["robots", "noai, noimageai", "*:train=deny *:images=deny", "DeviantArt's element"],
  ["robots", "noai noimageai", "*:train=deny *:images=deny", "blanks in place of commas"],
  ["gptbot", "noai", "gptbot:train=deny", "for one agent"],
  ["gptbot", "noindex noai", "gptbot:index=deny gptbot:train=deny", "with blanks"],
  ["google-extended", "noindex;noai", "google-extended:index=deny google-extended:train=deny", "with semicolons"],
  ["description", "how noai works, and why", "", "a sentence is no directive"],
];

/** TDMRep, TDM File on the Origin Server: [location, path, whether it matches] */
export const tdmLocationCases: readonly (readonly [string, string, boolean])[] = [
  ["/", "/any/page?x=1", true],
  ["/directory-a/", "/directory-a/page", true],
  ["/directory-a/", "/directory-b/page", false],
  ["/*.jpg$", "/a/b.jpg", true],
  ["/*.jpg$", "/a/b.jpg?x", false],
  ["*", "/x", true],
  ["/A", "/a", false],
  ["/caf%C3%A9", "/café", true],
  ["/%61", "/a", true],
];

export const licenceCases: readonly Case[] = [
  ["https://creativecommons.org/licenses/by/4.0/", "by/4.0 reuse=allow", "attribution"],
  ["//creativecommons.org/licenses/by-sa/3.0/", "by-sa/3.0 reuse=allow", "share alike, without a scheme"],
  [
    "http://creativecommons.org/licenses/by-nc/2.5/it/deed.it",
    "by-nc/2.5 commercial=deny",
    "non-commercial, of a jurisdiction",
  ],
  ["https://creativecommons.org/licenses/by-nd/4.0/legalcode", "by-nd/4.0 derivatives=deny", "no adaptations"],
  ["https://www.creativecommons.org/licenses/by-nc-nd/4.0", "by-nc-nd/4.0 commercial=deny derivatives=deny", "both"],
  ["https://creativecommons.org/publicdomain/zero/1.0/", "zero/1.0 reuse=allow", "a dedication"],
  ["https://creativecommons.org/publicdomain/mark/1.0/", "mark/1.0 reuse=allow", "a mark"],
  ["https://creativecommons.org/licenses/sampling+/1.0/", "?sampling+/1.0/ reuse=unknown", "a retired licence"],
  ["https://creativecommons.org/licenses/by-nc/", "by-nc commercial=deny", "without a version"],
  ["https://creativecommons.org//licenses/by-nc-nd//4.0/", "by-nc-nd/4.0 commercial=deny derivatives=deny", "doubled slashes"],
  [
    "Text: https://creativecommons.org/licenses/by/4.0/, pictures: https://creativecommons.org/licenses/by-nc/4.0/",
    "by/4.0 reuse=allow, by-nc/4.0 commercial=deny",
    "two deeds in one text",
  ],
  ["https://creativecommons.org/licenses/by_nc/4.0/", "?by_nc/4.0/ commercial=deny", "an underscore"],
  ["https://creativecommons.org/licenses/by%2Dnc/4.0/", "?by%2Dnc/4.0/ commercial=deny", "an escape"],
  ["https://creativecommons.org/licenses/by/by-nc/4.0/", "?by/by-nc/4.0/ commercial=deny", "two names in one address"],
  ["https://creativecommons.org/licenses/by/4.0-nc", "?by/4.0-nc commercial=deny", "more behind the version"],
  ["See creativecommons.org/licenses/by-nc.", "by-nc commercial=deny", "at the end of a sentence"],
  ["https://creativecommons.org/publicdomain/zeroish", "?zeroish reuse=unknown", "no dedication"],
  ["https://creativecommons.org/licenses/by/3.0/de/legalcode", "by/3.0 reuse=allow", "a jurisdiction's legal code"],
  [`${" ".repeat(2017)}https://creativecommons.org/licenses/by-nc-sa/4.0/`, "", "an address that is cut off"],
  ["https://creativecommons.org/licenses/", "", "the list of licences"],
  ["https://creativecommons.org/about/", "", "no deed"],
  ["https://notcreativecommons.org/licenses/by/4.0/", "", "another host"],
];
