/** File formats as bytes: reading and writing, nothing about what the bytes mean. */
export * from "./columns.js";
