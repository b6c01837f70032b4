/**
 * Entries of the word lists that are not counted: words of news, law, medicine and everyday life. For English, Chinese and
 * Japanese they were chosen by hand; the others occur in the Universal Declaration of Human Rights in that language. Without
 * them an encyclopedia's page on health, or a report from a court, looks like what the lists are after.
 */
export const neutralEntries: Readonly<Record<string, readonly string[]>> = {
  en: [
    ..."anal anus bareback bastard bondage busty butt cialis clitoris cock cocks cornhole dick domination ejaculation erotic".split(
      " ",
    ),
    ..."escort eunuch fecal fingering genitals grope hardcore homoerotic hooker incest intercourse lolita masturbation".split(
      " ",
    ),
    ..."menage a trois|missionary position|neonazi|nipple|nipples|nude|nudity|orgasm|orgy|paedophile|panties|pedophile".split(
      "|",
    ),
    ..."penis playboy pornography rape raping rapist rectum sadism scat semen sex sexual sexuality sexually skeet".split(" "),
    ..."snatch sodomy spastic suck sucks swastika swinger topless undressing vagina viagra voyeur vulva xx".split(" "),
    ..."date rape|dog style|hard core|how to kill|how to murder|strip club|tea bagging|tied up|white power|wrapping men".split(
      "|",
    ),
  ],
  es: ["Sexo"],
  fa: ["کس", "تجاوز"],
  fr: ["jouir"],
  ja: [
    ..."人種 支配 奴隷 拷問 直腸 噴出 挿入 誘惑 脱衣 嫌い 肛門 宦官 両性 両刀 剃毛 覗き 縛り 女装 射精 精液 糞便 変態".split(
      " ",
    ),
    ..."いたずら エスコート グロ デブ なめ お尻".split(" "),
  ],
  pt: ["gozar"],
  zh: "成人 处女 月经 乳房 卵子 交配 强奸 包皮 外阴 妓女 妓院 军妓 嫖客 招妓 卖淫 情色 放荡 屁股 性交 性器 射精".split(" "),
};
