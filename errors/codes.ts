/** The table of error codes. A code, once released, keeps its meaning; entries are sorted by code. */
export const codes = {
  ADDON_MISSING: {
    summary: "the native addon is not built",
    mend: "run `npm run build:native` (it needs python3, make and g++)",
  },
  AGENT_PROFILE_INVALID: {
    summary: "the list of agents cannot be read",
    mend: "name a profile that ships, or give a JSON file with name, about, source and agents, as those in assets/agents/",
  },
  ARC_UNSUPPORTED: {
    summary: "this is an ARC file, the predecessor of WARC, which is not read",
    mend: "convert it to WARC first, for example with `warcio recompress old.arc.gz new.warc.gz`",
  },
  ARROW_CORRUPT: {
    summary: "an Arrow file is broken or cut off",
    mend: "fetch or write the file again; what could be read was kept, the rest is in quarantine",
  },
  ARROW_TOO_LARGE: {
    summary: "a row or a buffer of an Arrow file is too large to be read",
    mend: "write the file again with smaller record batches or without compression",
  },
  ARROW_UNSUPPORTED: {
    summary: "a column of an Arrow file has a type that is not read",
    mend: "name other columns, or cast this one before",
  },
  ASSET_CHANGED: {
    summary: "a file that the decisions rest on is not the one that the run was planned with",
    mend: "put the file back, or start the run again so that it is planned with the file as it is now",
  },
  CHECKPOINT_DAMAGED: {
    summary: "a checkpoint is not what was written",
    mend: "remove its folder: training then goes on from the one before",
  },
  CHECKPOINT_NOT_FOUND: {
    summary: "there is no such checkpoint",
    mend: "give the folder of a run, of one of its checkpoints, or of a Hugging Face model",
  },
  COLUMN_MISSING: {
    summary: "the table has no column to read the text from",
    mend: "name the column under `columns: { text: … }` of this input in the recipe",
  },
  COLUMN_NOT_FOUND: {
    summary: "the file has no such column",
    mend: "name one of the columns that the message lists",
  },
  COMPRESSED_CORRUPT: {
    summary: "a compressed file is cut or damaged",
    mend: "fetch the file again and compare its checksum with the publisher's",
  },
  COMPRESSED_TOO_LARGE: {
    summary: "a compressed file holds far more than its size allows, as a decompression bomb does",
    mend: "if the file is honest, decompress it first and give the decompressed file",
  },
  COMPRESSION_UNSUPPORTED: {
    summary: "this kind of compression is not read",
    mend: "decompress the file, or compress it again with gzip",
  },
  CORPUS_DAMAGED: {
    summary: "a file of the corpus is missing or is not what was written",
    mend: "run the recipe again on this folder with --rehash: what is damaged is made anew; `verify` names every damaged file",
  },
  CORPUS_LOCKED: {
    summary: "another run holds this corpus folder",
    mend: "wait for it, or give this run another --corpus; if that machine is gone for good, remove the file .lock in the folder",
  },
  CORPUS_NOT_FOUND: {
    summary: "there is no finished corpus in this folder",
    mend: "check the path; if a run was interrupted, run its recipe again on this folder and it goes on where it stopped",
  },
  CORPUS_NOT_WRITABLE: {
    summary: "the corpus folder cannot be written",
    mend: "check the folder's permissions and that it is not mounted read-only, or give another --corpus",
  },
  CORPUS_TOO_NEW: {
    summary: "this corpus was written by a newer apertus-data",
    mend: "update apertus-data",
  },
  COUNTS_UNBALANCED: {
    summary: "the counts do not balance, so a record may have been lost",
    mend: "this is a fault in apertus-data: nothing was committed; please report it with the recipe and the input's name",
  },
  DECISION_DIFFERS: {
    summary: "a decision that the corpus records does not follow from the captured files",
    mend: "audit with the version of apertus-data that made the corpus, or a newer one; if it is this one, `verify` the corpus and report the decision",
  },
  DISK_FAILED: {
    summary: "the disk reported an input/output error",
    mend: "check the disk; after that, run the same command again and it goes on where it stopped",
  },
  DISK_FULL: {
    summary: "no space is left for the corpus",
    mend: "make room, or move the folder; then run the same command again and it goes on where it stopped",
  },
  EXPORT_COUNTS_DIFFER: {
    summary: "what was exported does not add up to what the corpus says",
    mend: "run `apertus-data verify CORPUS`; if that finds nothing, export into a new folder and report it",
  },
  EXPORT_FOLDER_OTHER: {
    summary: "the folder holds something else than this export",
    mend: "give another --out: parts of two corpora, or of two formats, would be told apart by nobody",
  },
  FETCH_CONTACT_MISSING: {
    summary: "nobody is named whom a site's owner could turn to",
    mend: "give --contact with an e-mail address or a URL, or set APERTUS_DATA_CONTACT; it is sent with every request",
  },
  FETCH_FOLDER_DAMAGED: {
    summary: "the folder of a fetch is not what its journal says",
    mend: "put the files back as they were, or fetch into another --out; the WARC files that are whole stay usable",
  },
  FETCH_FOLDER_OTHER: {
    summary: "the folder holds another fetch",
    mend: "give --out another folder: robots.txt files and pages go into folders of their own",
  },
  FILTER_BROKEN: {
    summary: "a filter does not keep its contract",
    mend: "a filter module exports the filter as its default, and returns one verdict a row and just the columns that it says it adds",
  },
  FILTER_KILLS_WORKERS: {
    summary: "a stage kills its worker on every document that it was tried on by itself",
    mend: "`apertus-data try <filter>` shows it on a single document; raise the machine's memory, or mend the filter",
  },
  FILTER_NOT_FOUND: {
    summary: "there is no filter of this name",
    mend: "`apertus-data try --list` names the filters; a filter of your own is named by its path with `use:`",
  },
  HF_MODEL_UNSUPPORTED: {
    summary: "the folder is not a Hugging Face model of the Apertus architecture that can be read",
    mend: "give a folder with the config.json of an ApertusForCausalLM and its weights as safetensors",
  },
  INPUT_CHANGED: {
    summary: "an input file changed while it was being read",
    mend: "let nothing write to the inputs during a run, then run the same command again",
  },
  INPUT_FORMAT_UNKNOWN: {
    summary: "the input's format cannot be told from its content",
    mend: "name it with `format:` in the recipe: warc, parquet, jsonl or arrow",
  },
  INPUT_FORMAT_WRONG: {
    summary: "the input is not of the format that the recipe names",
    mend: "take `format:` out of the recipe, so that it is told by content, or name the right one",
  },
  INPUT_NOT_FOUND: {
    summary: "no such input file",
    mend: "check the path; patterns in a recipe are relative to the recipe's own folder",
  },
  INPUT_NOT_WARC: {
    summary: "this is not a WARC file",
    mend: "check the path and the format that the recipe names; a WARC file begins with `WARC/1.0` or `WARC/1.1`, plain or compressed",
  },
  INPUT_UNREADABLE: {
    summary: "the input file cannot be read",
    mend: "check the file's permissions and that it is a file",
  },
  INTERNAL: {
    summary: "a fault in apertus-data itself",
    mend: "please report it with the command, the recipe and this message",
  },
  LANGUAGE_UNKNOWN: {
    summary: "the language model has no such label",
    mend: "name labels such as deu_Latn (assets/language/labels.tsv lists them) or codes of ISO 639: deu, ger, de; zho for all Chinese",
  },
  LINE_UNREADABLE: {
    summary: "a line of the file is not what the command reads",
    mend: "see --help for what a line may hold, and mend or take out the line that is named",
  },
  LOADER_INVALID: {
    summary: "what the data loader is asked for does not fit together",
    mend: "docs/training.md says what sources, stages, weights and ranks may be",
  },
  LOADER_STATE_DIFFERS: {
    summary: "the saved place belongs to another order of sequences",
    mend: "open the loader with the sources, versions, length, seed and stages of the checkpoint; after a retraction, begin a new stage list instead",
  },
  MANIFEST_CORRUPT: {
    summary: "the corpus' manifest cannot be read",
    mend: "run the recipe again on this folder; the manifest is made anew from the units' records",
  },
  MODEL_CORRUPT: {
    summary: "not a model that can be read",
    mend: "fetch or train the model again and compare its SHA-256; fastText models must be supervised ones (.bin or .ftz)",
  },
  MODEL_NOT_WRITABLE: {
    summary: "the trained model cannot be written",
    mend: "make room, or name another `output` in the recipe",
  },
  MODEL_SHAPE_INVALID: {
    summary: "the model's shape does not fit together",
    mend: "look at the preset and the changes under `model.shape`; `train --plan` lists the presets",
  },
  NOT_DETERMINISTIC: {
    summary: "the same work gave two different results",
    mend: "if the recipe uses a filter of your own, make it a pure function of its batch; otherwise please report it",
  },
  NOT_IN_CORPUS: {
    summary: "the corpus holds nothing of this name",
    mend: "copy the id or digest from `apertus-data inspect CORPUS --dropped`",
  },
  PARAMETERS_INVALID: {
    summary: "a filter's parameters are not valid",
    mend: "see docs/recipe.md for the filter's parameters; `--set key=value` sets one",
  },
  PARQUET_CORRUPT: {
    summary: "the Parquet file is damaged",
    mend: "fetch the file again; what could be read was kept, the rest is in quarantine",
  },
  PARQUET_UNSUPPORTED: {
    summary: "the Parquet file holds what is not read here",
    mend: "name a plain column of strings or numbers under `columns` of this input",
  },
  PLACEHOLDER_UNKNOWN: {
    summary: "the tokenizer has no placeholder token for this kind of redaction",
    mend: "use the kinds email, ip and iban; for a vocabulary of your own name the tokens in the recipe (`placeholders`), or leave the stage pii out",
  },
  POLICY_INVALID: {
    summary: "the policy file cannot be read",
    mend: "name a policy that ships, or give a YAML file with name, about, source and parameters, as those in assets/policies/",
  },
  RECIPE_INVALID: {
    summary: "the recipe is not valid",
    mend: "see docs/recipe.md for what may stand there",
  },
  RECIPE_NOT_FOUND: {
    summary: "no such recipe",
    mend: "give the path of a YAML file; without one, `apertus-data run` works on the bundled example",
  },
  RECORD_CORRUPT: {
    summary: "a unit's record cannot be read",
    mend: "remove that file and run the recipe again: the unit is made anew",
  },
  ROBOTS_ARCHIVE_DAMAGED: {
    summary: "the robots archive is not what was written",
    mend: "delete the file and run again: it is made anew from the WARC files that `robots` names",
  },
  ROBOTS_WARC_DAMAGED: {
    summary: "a file of robots.txt captures is damaged, so that opt-outs may be missing",
    mend: "fetch the file again, or mend the rows of the table; to go on without what is lost, set `accept_damaged: true` on the consent stage",
  },
  SAFETENSORS_CORRUPT: {
    summary: "a safetensors file is damaged or cut off",
    mend: "fetch or write the file again",
  },
  SQL_INVALID: {
    summary: "the SQL statement cannot be run",
    mend: "write one SELECT over the tables documents, ledger, evidence, blobs, quarantine and text; docs/corpus-format.md lists their columns",
  },
  SQL_STOPPED: {
    summary: "the SQL statement was stopped before it was done",
    mend: "ask for less (a WHERE, a sample), or give it more time with --time-limit SECONDS",
  },
  SUBJECT_INVALID: {
    summary: "this is no host and no address of a page",
    mend: "give a host (www.example.org), with a port if it has one, or the http or https address of a page",
  },
  SUBJECT_IS_SUFFIX: {
    summary: "many owners have their sites below this name",
    mend: "name one site below it, or add --exact for the host of this very name alone",
  },
  TEXT_MISSING: {
    summary: "the corpus has no texts",
    mend: "run its recipe with `storage: { text: keep }`; tokens can be exported without texts",
  },
  TOKENIZER_DAMAGED: {
    summary: "the tokenizer's vocabulary file cannot be used",
    mend: "install apertus-data again; the file under assets/tokenizer is not the one that was released",
  },
  TOKENIZER_INVALID: {
    summary: "the tokenizer's file is broken",
    mend: "fetch the file again; a tokenizer.json of Hugging Face, a tekken.json of Mistral or a .tiktoken file of ranks can be read",
  },
  TOKENIZER_MISMATCH: {
    summary: "this tokenizer does not give the tokens that the corpus was written with",
    mend: "use the tokenizer that the corpus manifest names, in the version of apertus-data that wrote it",
  },
  TOKENIZER_TOO_LARGE: {
    summary: "the tokenizer's file is too large to be read",
    mend: "use a file of at most 256 MiB, whose arrays and objects are nested at most 100 deep",
  },
  TOKENIZER_TOO_SLOW: {
    summary: "the tokenizer's pattern needs far more than linear time on a text",
    mend: "use a tokenizer with another pattern, or leave the text out",
  },
  TOKENIZER_UNKNOWN: {
    summary: "there is no tokenizer of this name",
    mend: "use `apertus`, or the path of a tokenizer.json, tekken.json or .tiktoken file",
  },
  TOKENIZER_UNSUPPORTED: {
    summary: "the tokenizer has a part that is not implemented",
    mend: "use a byte-level BPE tokenizer; docs/tokenizer.md lists the parts that can be read",
  },
  TOKENS_MISSING: {
    summary: "the corpus has no tokens",
    mend: "end the recipe's stages with `tokenize` and run it again",
  },
  TOKEN_UNKNOWN: {
    summary: "a token id lies outside the vocabulary",
    mend: "check that the tokens were written with this tokenizer",
  },
  TRAINING_DIFFERS: {
    summary: "the run that the checkpoint is of was another one",
    mend: "resume with the recipe of the run, or begin a new one with `model: { from: CHECKPOINT }` and another --out",
  },
  TRAINING_DIVERGED: {
    summary: "the training went astray and was stopped before the step was taken",
    mend: "look at the documents that are named, and resume from the last checkpoint",
  },
  TRAINING_FOLDER_LOCKED: {
    summary: "another process trains in this folder",
    mend: "wait for it, or give another --out; if that machine is gone for good, remove the file .lock in the folder",
  },
  TRAINING_FOLDER_USED: {
    summary: "there is a run in this folder already",
    mend: "add --resume to go on with it, or give another --out",
  },
  TRAINING_IMPOSSIBLE: {
    summary: "no model can be trained with these lines and settings",
    mend: "give at least two labels with lines each, and settings that fit into this machine's memory",
  },
  TRAINING_LINE_INVALID: {
    summary: "a line of the training or development text is not a label and a text",
    mend: "write lines of label, tab, text in UTF-8, or JSON objects with the fields that the recipe names",
  },
  TRAINING_OUT_OF_MEMORY: {
    summary: "the model and its training state do not fit into memory",
    mend: "choose a smaller model, or fewer or shorter sequences in a micro-batch",
  },
  UNIT_FAILED: {
    summary: "a unit of work kills its worker whatever is left out of it",
    mend: "raise the machine's memory or lower units.bytes in the recipe; the input file is named above",
  },
  USAGE: {
    summary: "the command is incomplete or wrong",
    mend: "add --help to the verb",
  },
  VERSIONS_IN_THE_WAY: {
    summary: "the corpus has later versions that belong to the shards which this run would replace",
    mend: "give this run another --corpus: what was taken out of a published corpus must not come back unseen",
  },
  VERSION_NOT_FOUND: {
    summary: "the corpus has no such version",
    mend: "`apertus-data inspect CORPUS` lists the versions",
  },
  VERSION_RACE: {
    summary: "somebody else made the next version first",
    mend: "run the same command again: it decides on the new version",
  },
  WARC_NOT_CUTTABLE: {
    summary: "this WARC file cannot be read in parts, because several of its records share one compressed member",
    mend: "read the whole file as one unit, or write it anew with one gzip member a record (`warcio recompress`)",
  },
} as const satisfies Record<string, { readonly summary: string; readonly mend: string }>;
