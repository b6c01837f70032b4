/**
 * The texts that the Declaration and the novels do not provide, written for this example: pages with personal data to redact, pages
 * that are not worth reading, and one that is rude. Mail domains are reserved (RFC 2606); addresses are public resolvers of large
 * operators, documentation ranges (RFC 5737) and private ranges (RFC 1918); account numbers are the specimens that banks print.
 */

const page = (title, ...paragraphs) => ({
  title,
  sections: [{ heading: "", paragraphs: paragraphs.map((text) => ({ text, item: false })) }],
});

/**
 * Each text with the spans that a reader would call an e-mail address, an IPv4 address or an IBAN, in order. "documentation" marks
 * what is reserved for examples, "private" what leads to nobody in particular; a filter may leave either alone.
 */
export const personal = {
  contact: {
    text: page(
      "How to reach the reading circle",
      "The reading circle meets on the first Tuesday of every month in the back room of the town library. New readers are welcome at any time, and nobody has to say a word before they feel ready to do so.",
      "Please write to Anna Muster at anna.muster@example.org if you would like to come, so that we can put out enough chairs. For questions about the room ask reading-circle+rooms@library.example.com, and for everything else there is the old address info@example.net, which is read once a week.",
      "We lend books as well. If a book that you have borrowed is asked for by somebody else, Anna will send you a letter, and after two weeks she will send another one that is a little less friendly. Her address has not changed: anna.muster@example.org.",
    ),
    spans: [
      ["email", "anna.muster@example.org", "documentation"],
      ["email", "reading-circle+rooms@library.example.com", "documentation"],
      ["email", "info@example.net", "documentation"],
      ["email", "anna.muster@example.org", "documentation"],
    ],
  },
  accounts: {
    text: page(
      "Where to send the membership fee",
      "The fee for this year is the same as it was last year, and the treasurer asks all members to pay it before the end of March. Members who live abroad may use whichever of our accounts is the nearest to them.",
      "From Germany please use DE89 3704 0044 0532 0130 00, from the United Kingdom GB29 NWBK 6016 1331 9268 19, and from France FR14 2004 1010 0505 0001 3M02 606. In Switzerland the account of the club is CH93 0076 2011 6238 5295 7, which may also be written without spaces as CH9300762011623852957 in most forms.",
      "Once the fee has arrived the treasurer will send a receipt. If none has come after a month, write to treasurer@club.example and say on which day you paid.",
    ),
    spans: [
      ["iban", "DE89 3704 0044 0532 0130 00"],
      ["iban", "GB29 NWBK 6016 1331 9268 19"],
      ["iban", "FR14 2004 1010 0505 0001 3M02 606"],
      ["iban", "CH93 0076 2011 6238 5295 7"],
      ["iban", "CH9300762011623852957"],
      ["email", "treasurer@club.example", "documentation"],
    ],
  },
  servers: {
    text: page(
      "What to do when names do not resolve",
      "Most faults that look like a broken line are faults of a name server. Before you call for help, try another resolver: the ones that people use most are 8.8.8.8 and 1.1.1.1, and there is also 9.9.9.9 for those who want bad names to be blocked.",
      "If that helps, the resolver of your provider is at fault and you may leave the setting as it is. If it does not help, look at the address of your own machine. When it begins with 169.254 it has not been given one. A common home router answers at 192.168.1.1 or at 10.0.0.1, and the machine itself is always 127.0.0.1.",
      "Our own gateway, in this manual, is called 192.0.2.17 and its spare is 198.51.100.23. These addresses are set aside for manuals like this one, and so is 203.0.113.5, and no packet sent to them will ever arrive.",
    ),
    spans: [
      ["ip", "8.8.8.8"],
      ["ip", "1.1.1.1"],
      ["ip", "9.9.9.9"],
      ["ip", "192.168.1.1", "private"],
      ["ip", "10.0.0.1", "private"],
      ["ip", "127.0.0.1", "private"],
      ["ip", "192.0.2.17", "documentation"],
      ["ip", "198.51.100.23", "documentation"],
      ["ip", "203.0.113.5", "documentation"],
    ],
  },
  nearMisses: {
    text: page(
      "Numbers that are not what they seem",
      "A clerk who sorts letters soon learns that many numbers look like an address and are none. Section 4.10.1.2.3 of the rules is a place in a book, and 999.10.10.10 is a slip of the pen, because no part of an address may be as large as that.",
      "The same is true of names. A note for postmaster@localhost never leaves the building, and @anna on a wall is a greeting. Somebody who writes anna at example dot org does not want to be found by machines, and for now they are not.",
      "The account DE00 3704 0044 0532 0130 00 does not exist, as its check digits show, and neither does GB29 NWBK 6016 1331 9268 18, where a single digit at the end was changed. The clerk smiles and puts all of them into the drawer for curious things.",
    ),
    spans: [],
  },
  literal: {
    text: page(
      "How placeholders are written",
      "When a text is made ready for a language model, an address in it is replaced by a placeholder. The placeholder for a mail address is written <email-pii> and the one for a network address <ip-pii>, but a page like this one, which only talks about them, has nothing to hide.",
      "A model also needs to know where a text ends, and for this there is a sign that is written </s>, while the sign for its beginning is written <s>. If a page could write these signs itself it could pretend to end in the middle, and so what is written on a page has to stay plain text.",
      "The only real address on this page is editor@example.org, and it alone should be replaced.",
    ),
    spans: [["email", "editor@example.org", "documentation"]],
  },
};

const grumble = [
  "I have supported this bloody team for thirty years and last night sucks more than any night before it. The keeper stood there like a butt with legs, the referee talked bollocks from the first minute to the last, and that tosser on the left wing did not run once.",
  "What a load of bollocks. Our captain is a lazy bastard, their captain is a lucky bastard, and the man who sells the pies is a tosser as well. The beer sucks, the seats suck, and my butt still hurts from sitting on them in the rain.",
  "Somebody should tell the bastard who runs this club to sell it. He sits on his butt all day, he writes bollocks in the programme, and when you ask him for your money he laughs. You suck, the lot of you, and the new shirt sucks too.",
];

/** Sixteen times an entry of the English word list, which makes this a text to drop; and a text with one entry, once. */
export const rude = {
  text: page("Last night at the match", ...grumble),
  listed: ["bastard", "bollocks", "butt", "suck", "sucks", "tosser"],
};

export const mild = page(
  "How to mend a rain butt",
  "A wooden rain butt that has stood dry for a summer will leak when it is filled again, because the staves have shrunk. There is no need to throw it away. Stand it upright in the shade and pour in two buckets of water every morning for a week.",
  "The wood drinks the water and swells, and by the end of the week the gaps between the staves have closed. Drive the hoops down a little with a mallet, going round and round, and never strike the same place twice. After that the barrel will hold until the next dry year.",
);

export const nearlyEmpty = page("Coming soon", "This page is being built.");

export const repeated = page(
  "Cheap tickets",
  ...Array.from({ length: 60 }, () => "Book your cheap tickets today and save on your next journey with us."),
);

export const symbols = page(
  "Board",
  ...Array.from(
    { length: 24 },
    (_, row) => `| ${"#=".repeat(6)} | ... | ${"*~".repeat(5 + (row % 3))} | >> ${"##".repeat(4)} << | --- | {[(${row})]} |`,
  ),
);

/** A text that says the same in two captures but for one word; close, and no exact duplicate. */
export const notice = (day) =>
  page(
    "Opening hours of the mill",
    `The old mill by the river is open to visitors every ${day} from two in the afternoon until sunset. Children may come in free of charge if they bring somebody who can carry them up the stairs.`,
    "The stones have not turned since the flood, but the miller's grandson is happy to explain how they did, and how the wheel was moved when the water was low. There is a small shop that sells flour from another mill, and it says so on the bag.",
    "Please keep dogs on a lead because of the geese. Visitors who are late will find the gate shut, and visitors who are very late will find the geese behind it.",
  );
