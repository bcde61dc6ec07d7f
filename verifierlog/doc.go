// SPDX-License-Identifier: MIT

// Package verifierlog reads what the kernel's BPF verifier wrote about a program
// it refused, and says where in the source the trouble is and what to do about
// it.
//
// [Parse] understands logs of every level, cut at either end, with source
// annotations in both forms and with the report that Linux 7.3 appends; it is held
// to recordings of Linux 5.10, 6.1, 6.12, 6.18 and 7.2. [Explain] joins a log with
// the program's line table, which the caller supplies as plain data, and names the
// class of the rejection; [Render] prints the result. [Annotate] does all three on
// a log alone.
//
// The format of a log is no ABI, so everything here is best effort with one
// promise: no instruction, register, message or source line is shown that the
// log or the line table did not contain. What is not understood is shown as the
// log's raw end. The package never touches the kernel and knows nothing of ELF.
package verifierlog
