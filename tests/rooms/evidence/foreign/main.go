// Checks a package's tree and log signature with Go's own transparency log library.
//
// Arguments: the package's folder, the log's verifier key. Standard input: one line "size root-in-base64"
// for each older size. Prints a JSON object: what was checked, and a note signed by Go for us to verify.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tiles reads a package's tiles for Go's tile reader, and believes nothing else.
type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		// Go writes the height into the name, a package does not.
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.folder, name))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// memory keeps the hashes that Go computes from the entries alone.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, m[index])
	}
	return found, nil
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func open(folder, vkey string) (int64, tlog.Hash) {
	data, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err)
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return size, root
}

func readEntries(folder string, size int64) [][]byte {
	var entries [][]byte
	for number := int64(0); number*256 < size; number++ {
		width := size - number*256
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: 0, N: number, W: int(width)}
		name := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(folder, name))
		must(err)
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			entries = append(entries, data[2:2+length])
			data = data[2+length:]
		}
	}
	return entries
}

func main() {
	folder, vkey := os.Args[1], os.Args[2]
	size, root := open(folder, vkey)
	entries := readEntries(folder, size)

	var own memory
	for index, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(index), entry, own)
		must(err)
		own = append(own, hashes...)
	}
	computed, err := tlog.TreeHash(size, own)
	must(err)
	if computed != root {
		log.Fatalf("Go computes another root: %v", computed)
	}

	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{folder})
	for index, entry := range entries {
		proof, err := tlog.ProveRecord(size, int64(index), reader)
		must(err)
		must(tlog.CheckRecord(proof, size, root, int64(index), tlog.RecordHash(entry)))
	}

	older := 0
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); older++ {
		var oldSize int64
		var encoded string
		_, err := fmt.Sscan(lines.Text(), &oldSize, &encoded)
		must(err)
		oldRoot, err := tlog.ParseHash(encoded)
		must(err)
		proof, err := tlog.ProveTree(size, oldSize, reader)
		must(err)
		must(tlog.CheckTree(proof, size, root, oldSize, oldRoot))
	}

	skey, ownKey, err := note.GenerateKey(fixed{}, "go.example/signer")
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	signed, err := note.Sign(&note.Note{Text: "Signed by Go.\n\nA second paragraph.\n"}, signer)
	must(err)
	must(json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"records": len(entries), "older": older, "vkey": ownKey,
		"note": base64.StdEncoding.EncodeToString(signed),
	}))
}

// fixed gives the same bytes always: the key signs nothing of worth.
type fixed struct{}

func (fixed) Read(p []byte) (int, error) { return len(p), nil }
