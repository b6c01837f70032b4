/** The only door to the native kernels: typed, documented functions over typed arrays. */
export { repairUtf8 } from "./utf8.js";
