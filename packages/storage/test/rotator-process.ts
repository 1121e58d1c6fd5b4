/**
 * Rotates the storage key and dies by SIGKILL on the way: `rotator-process.ts <database> <key file> <where>`, where is
 * `before-next-key`, `first-record`, `last-record` (of three, in the transaction) or `before-rename`.
 */
import { openSealedRecords, rotateKeyFile } from "../src/key-file.ts";
import { options } from "./options.ts";

const [path = "", file = "", where = ""] = process.argv.slice(2);
const die = () => process.kill(process.pid, "SIGKILL");

// The rotation asks for random bytes once for the key, then once per record.
const dieAt = { "before-next-key": 1, "first-record": 2, "last-record": 4 }[where];
let asked = 0;
const random = (length: number) => {
  asked += 1;
  if (asked === dieAt) die();
  return options.random(length);
};

const records = openSealedRecords(path, { file }, { ...options, random });
rotateKeyFile(
  {
    storageKeyId: records.storageKeyId,
    rotate(next) {
      const rotated = records.rotate(next);
      if (where === "before-rename") die();
      return rotated;
    },
  },
  file,
  random,
);
