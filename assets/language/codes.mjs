// Writes codes.json: what else a language may be called in a recipe or on a page, by the ISO 639-3 codes of our labels.
// `node assets/language/codes.mjs`. Two-letter codes and withdrawn ones come from CLDR's language aliases, which Node's Intl carries
// (Unicode License v3); macrolanguages are those of the IANA Language Subtag Registry of 2025-08-25 (RFC 5646, field Macrolanguage) and codes that it has withdrawn since;
// the bibliographic codes of ISO 639-2 are written down here after the standard.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const macrolanguages = {
  aka: "fat twi",
  ara: "aao abh abv acm acq acw acx acy adf aeb aec afb ajp apc apd arb arq ars ary arz auz avl ayh ayl ayn ayp pga shu ssh",
  aym: "ayc ayr",
  aze: "azb azj",
  bal: "bcc bgn bgp",
  bik: "bcl bhk bln bto cts fbl lbl rbl ubl",
  bnc: "ebk lbk obk rbk vbk",
  bua: "bxm bxr bxu",
  chm: "mhr mrj",
  cre: "crj crk crl crm csw cwd",
  del: "umu unm",
  den: "scs xsl",
  din: "dib dik dip diw dks",
  doi: "dgo xnr",
  est: "ekk vro",
  fas: "pes prs",
  ful: "ffm fub fuc fue fuf fuh fui fuq fuv",
  gba: "bdt gbp gbq gmm gso gya",
  gon: "esg gno wsg",
  grb: "gbo gec grj grv gry",
  grn: "gnw gug gui gun nhd",
  hai: "hax hdn",
  hbs: "bos cnr hrv srp",
  hmn: "cqd hea hma hmc hmd hme hmg hmh hmi hmj hml hmm hmp hmq hms hmw hmy hmz hnj hrm huj mmr muq mww sfm",
  iku: "ike ikt",
  ipk: "esi esk",
  jrb: "aju jye yhd yud",
  kau: "kby knc krt",
  kln: "enb eyo niq oki pko sgc spy tec tuy",
  kok: "gom knn",
  kom: "koi kpv",
  kon: "kng kwy ldi",
  kpe: "gkp xpe",
  kur: "ckb kmr sdh",
  lah: "hnd hno jat phr pnb skr xhe",
  lav: "ltg lvs",
  luy: "bxk ida lkb lko lks lri lrm lsm lto lts lwg nle nyd rag",
  man: "emk mku mlq mnk msc mwk myq",
  mlg: "bhr bmm bzc msh plt skg tdx tkg txy xmv xmw",
  mon: "khk mvf",
  msa: "bjn btj bve bvu coa dup hji ind jak jax kvb kvr kxd lce lcf liw max meo mfa mfb min mqg msi mui orn ors pel pse tmw urk vkk vkt xmm zlm zmi zsm",
  mwr: "dhd mtr mve rwr swv wry",
  nep: "dty npi",
  nor: "nno nob",
  oji: "ciw ojb ojc ojg ojs ojw otw",
  ori: "ory spv",
  orm: "gax gaz hae orc",
  pus: "pbt pbu pst",
  que: "cqu qub qud quf qug quh quk qul qup qur qus quw qux quy quz qva qvc qve qvh qvi qvj qvl qvm qvn qvo qvp qvs qvw qvz qwa qwc qwh qws qxa qxc qxh qxl qxn qxo qxp qxr qxt qxu qxw",
  raj: "bgq gda gju hoj mup wbr",
  rom: "rmc rmf rml rmn rmo rmw rmy",
  san: "cls vsn",
  sqi: "aae aat aln als",
  srd: "sdc sdn src sro",
  swa: "swc swh",
  syr: "aii cld",
  tmh: "taq thv thz ttq",
  uzb: "uzn uzs",
  yid: "ydd yih",
  zap: "zaa zab zac zad zae zaf zai zam zao zaq zar zas zat zav zaw zax zca zcd zoo zpa zpb zpc zpd zpe zpf zpg zph zpi zpj zpk zpl zpm zpn zpo zpp zpq zpr zps zpt zpu zpv zpw zpx zpy zpz zsr zte ztg ztl ztm ztn ztp ztq zts ztt ztu ztx zty",
  zha: "zch zeh zgb zgm zgn zhd zhn zlj zln zlq zqe zyb zyg zyj zyn zzj",
  zho: "cdo cjy cmn cnp cpx csp czh czo gan hak hnm hsn luh lzh mnp nan sjc wuu yue",
  zza: "diq kiu",
};

/** ISO 639-2's second, bibliographic codes. */
const bibliographic = {
  alb: "sqi", arm: "hye", baq: "eus", bur: "mya", chi: "zho", cze: "ces", dut: "nld", fre: "fra", geo: "kat", ger: "deu", gre: "ell",
  ice: "isl", mac: "mkd", mao: "mri", may: "msa", per: "fas", rum: "ron", slo: "slk", tib: "bod", wel: "cym",
};

const labels = readFileSync(join(import.meta.dirname, "labels.tsv"), "utf8").trimEnd().split("\n").slice(1);
const ours = [...new Set(labels.map((line) => line.split("_", 1)[0]))];
const canonical = (code) => {
  try {
    return Intl.getCanonicalLocales(code)[0]?.split("-")[0];
  } catch {
    return undefined;
  }
};

const codes = new Map(Object.entries(macrolanguages).map(([code, members]) => [code, new Set(members.split(" "))]));
const add = (code, members) => {
  if (!codes.has(code)) codes.set(code, new Set());
  for (const member of members) codes.get(code).add(member);
};
for (const [old, code] of Object.entries(bibliographic)) add(old, macrolanguages[code]?.split(" ") ?? [code]);
// By its canonical form each code of ours has at most one of two letters; a macrolanguage's is that of its principal member too.
const twoLetters = new Map();
const letters = [..."abcdefghijklmnopqrstuvwxyz"];
for (const short of letters.flatMap((a) => letters.map((b) => a + b))) {
  const form = canonical(short);
  twoLetters.set(form, [...(twoLetters.get(form) ?? []), short]);
}
for (const code of [...Object.keys(macrolanguages), ...ours]) {
  for (const short of twoLetters.get(canonical(code)) ?? []) add(short, macrolanguages[code]?.split(" ") ?? [code]);
}
// Serbo-Croatian's two letters are withdrawn in favour of Serbian with a script; the language they named is all four.
codes.set("sh", new Set(macrolanguages.hbs.split(" ")));
codes.set("sr", new Set(["srp"]));
for (const [old, code] of Object.entries({ mol: "ron", scc: "srp", scr: "hrv" })) add(old, [code]);

// Some sources name no more than the macrolanguage; its code is then a label's too.
for (const [code, members] of codes) if (ours.includes(code)) members.add(code);

const sorted = [...codes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, members]) => [code, [...members].sort()]);
writeFileSync(join(import.meta.dirname, "codes.json"), `{\n${sorted.map(([code, members]) => `  ${JSON.stringify(code)}: ${JSON.stringify(members.join(" "))}`).join(",\n")}\n}\n`);
