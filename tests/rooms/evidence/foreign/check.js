// Checks receipts with npm's @sigstore/verify: the inclusion proof and the log's signature.
// Argument: the folder of the npm package. Standard input: a JSON list of receipts. Prints their number.
const path = require("path");
const crypto = require("crypto");
const dist = path.join(process.argv[2], "dist", "timestamp");
const { verifyMerkleInclusion } = require(path.join(dist, "merkle.js"));
const { verifyCheckpoint } = require(path.join(dist, "checkpoint.js"));

const receipts = JSON.parse(require("fs").readFileSync(0, "utf-8"));
for (const receipt of receipts) {
  const inclusionProof = {
    logIndex: String(receipt.index),
    treeSize: String(receipt.size),
    hashes: receipt.proof.map((hash) => Buffer.from(hash, "base64")),
    rootHash: Buffer.from(receipt.root, "base64"),
    checkpoint: { envelope: receipt.checkpoint },
  };
  const entry = {
    inclusionProof,
    canonicalizedBody: Buffer.from(receipt.entry, "base64"),
    integratedTime: "1795305600",
  };
  verifyMerkleInclusion(entry);
  const log = {
    logID: Buffer.from(receipt.keyId, "hex"),
    publicKey: crypto.createPublicKey({ key: Buffer.from(receipt.spki, "base64"), format: "der", type: "spki" }),
    validFor: { start: new Date(0), end: new Date(8.64e15) },
  };
  verifyCheckpoint(entry, [log]);
}
console.log(receipts.length);
