// SPDX-License-Identifier: MIT

// Command sbom writes the software bill of materials of Go binaries as an SPDX 2.3
// document: what each was built from, as the Go linker recorded it.
//
//	sbom VERSION EPOCH BINARY...
//
// EPOCH is the time of the document in seconds since 1970, so that the same binaries
// make the same bytes.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

type document struct {
	SPDXVersion       string         `json:"spdxVersion"`
	DataLicense       string         `json:"dataLicense"`
	SPDXID            string         `json:"SPDXID"`
	Name              string         `json:"name"`
	DocumentNamespace string         `json:"documentNamespace"`
	CreationInfo      creation       `json:"creationInfo"`
	Packages          []pkg          `json:"packages"`
	Relationships     []relationship `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type pkg struct {
	SPDXID           string     `json:"SPDXID"`
	Name             string     `json:"name"`
	Version          string     `json:"versionInfo"`
	PackageFileName  string     `json:"packageFileName,omitempty"`
	DownloadLocation string     `json:"downloadLocation"`
	FilesAnalyzed    bool       `json:"filesAnalyzed"`
	Checksums        []checksum `json:"checksums,omitempty"`
	LicenseConcluded string     `json:"licenseConcluded"`
	LicenseDeclared  string     `json:"licenseDeclared"`
	Copyright        string     `json:"copyrightText"`
	Refs             []ref      `json:"externalRefs,omitempty"`
}

type checksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type ref struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: sbom VERSION EPOCH BINARY...")
		os.Exit(2)
	}
	if err := write(os.Stdout, os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func write(w io.Writer, version, epoch string, binaries []string) error {
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("time of the document: %w", err)
	}
	doc := document{
		SPDXVersion:  "SPDX-2.3",
		DataLicense:  "CC0-1.0",
		SPDXID:       "SPDXRef-DOCUMENT",
		Name:         "bpfload-" + version,
		CreationInfo: creation{time.Unix(seconds, 0).UTC().Format(time.RFC3339), []string{"Tool: bpfload-release-sbom"}},
	}
	all := sha256.New()
	known := map[string]bool{}
	// depend adds a package once, and that it is part of what is described.
	depend := func(on string, p pkg) {
		if !known[p.SPDXID] {
			known[p.SPDXID] = true
			doc.Packages = append(doc.Packages, p)
		}
		doc.Relationships = append(doc.Relationships, relationship{on, "DEPENDS_ON", p.SPDXID})
	}
	for _, path := range binaries {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		sum := sha256.Sum256(data)
		all.Write(sum[:])
		name := filepath.Base(path)
		id := spdxID("Binary", name)
		doc.Packages = append(doc.Packages, pkg{
			SPDXID: id, Name: info.Main.Path, Version: version, PackageFileName: name,
			DownloadLocation: "https://" + info.Main.Path,
			Checksums:        []checksum{{"SHA256", hex.EncodeToString(sum[:])}},
			LicenseConcluded: "MIT", LicenseDeclared: "MIT", Copyright: "NOASSERTION",
		})
		doc.Relationships = append(doc.Relationships, relationship{doc.SPDXID, "DESCRIBES", id})
		goVersion := strings.TrimPrefix(info.GoVersion, "go")
		depend(id, pkg{
			SPDXID: spdxID("Go", goVersion), Name: "std", Version: goVersion,
			DownloadLocation: "https://go.dev/dl/go" + goVersion + ".src.tar.gz",
			LicenseConcluded: "BSD-3-Clause", LicenseDeclared: "BSD-3-Clause", Copyright: "NOASSERTION",
			Refs: purl("golang", "std", goVersion),
		})
		for _, m := range info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			p := pkg{
				SPDXID: spdxID("Module", m.Path+"-"+m.Version), Name: m.Path, Version: m.Version,
				DownloadLocation: "NOASSERTION", LicenseConcluded: "NOASSERTION", LicenseDeclared: "NOASSERTION", Copyright: "NOASSERTION",
				Refs: purl("golang", m.Path, m.Version),
			}
			p.Refs = append(p.Refs, goSum(m.Sum)...)
			depend(id, p)
		}
	}
	doc.DocumentNamespace = fmt.Sprintf("https://github.com/bpfload/bpfload/sbom/%s-%x", version, all.Sum(nil)[:16])
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

func spdxID(kind, name string) string {
	return "SPDXRef-" + kind + "-" + notInID.ReplaceAllString(name, "-")
}

func purl(kind, name, version string) []ref {
	return []ref{{"PACKAGE-MANAGER", "purl", "pkg:" + kind + "/" + name + "@" + version}}
}

// goSum turns "h1:BASE64", the hash of a module's tree that go.sum has, into a
// reference of its own: it is no checksum of a file, and SPDX has no name for it.
func goSum(sum string) []ref {
	text, found := strings.CutPrefix(sum, "h1:")
	if _, err := base64.StdEncoding.DecodeString(text); !found || err != nil {
		return nil
	}
	return []ref{{"OTHER", "go-mod-h1", sum}}
}
