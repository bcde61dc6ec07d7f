// SPDX-License-Identifier: MIT

package sys

import "golang.org/x/sys/unix"

// OverMemlock says whether err may mean that a map, on kernels before 5.11, is more
// than the limit on locked memory allows: EPERM, ENOMEM from what checks twice, and
// EINVAL from maps of devices.
func OverMemlock(a *MapCreate, err error) bool {
	const devmap, devmapHash = 14, 25
	return err == unix.EPERM || err == unix.ENOMEM ||
		err == unix.EINVAL && (a.MapType == devmap || a.MapType == devmapHash)
}
