// SPDX-License-Identifier: MPL-2.0
#include "server/net/outputprogress.h"

#include <linux/sockios.h>
#include <linux/tcp.h> // glibc's tcp_info ends before tcpi_bytes_acked
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace Carillon {

OutputProgress outputProgress(int descriptor)
{
    OutputProgress progress;
    tcp_info info {};
    socklen_t size = sizeof info;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
        progress.taken = static_cast<std::int64_t>(info.tcpi_bytes_acked);
    int queued = 0;
    if (::ioctl(descriptor, SIOCOUTQ, &queued) == 0)
        progress.waiting = queued;
    return progress;
}

} // namespace Carillon
