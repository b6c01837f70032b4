/** The only door to the native kernels: typed, documented functions over typed arrays. */
export { FastTextModel, type LabelPredictions } from "./fasttext.js";
export { type LanguageText, languageScripts, normaliseForLanguage } from "./language-text.js";
export { repairUtf8 } from "./utf8.js";
