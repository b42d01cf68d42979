// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/adminaddress.h"

#include "server/net/tls/trust.h"
#include "server/settings/adminsockets.h"
#include "server/settings/settingschecks.h"

#include <QFile>
#include <QFileInfo>
#include <QHostAddress>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 LongestToken = 4096;

AdminFailure usage(const QString &sentence)
{
    return { .exitCode = ExitCode::Usage, .sentence = sentence };
}

/// Whether somebody listens at a socket: 0, or why not (errno).
int probe(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    sockaddr_un address {};
    address.sun_family = AF_UNIX;
    if (name.size() >= static_cast<qsizetype>(sizeof address.sun_path))
        return ENAMETOOLONG;
    std::memcpy(address.sun_path, name.constData(), static_cast<std::size_t>(name.size()));
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return errno;
    const int failure =
        ::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0
        ? 0
        : errno;
    ::close(descriptor);
    // EAGAIN: its backlog is full, so there is a listener.
    return failure == EAGAIN ? 0 : failure;
}

Result<AdminAddress, AdminFailure> findLocal(const QMap<QString, QString> &environment)
{
    const QStringList places = adminSocketCandidates(environment, stateDirectory(environment));
    QStringList alive;
    QString forbidden;
    for (const QString &place : places) {
        const int failure = probe(place);
        if (failure == 0)
            alive << place;
        else if (failure == EACCES && QFileInfo::exists(place))
            forbidden = place;
    }
    if (alive.size() == 1)
        return AdminAddress { .socket = alive.first(), .url = {}, .token = {} };
    if (alive.size() > 1) {
        return Unexpected(usage(u"several servers run here: %1; choose one with --socket"_s.arg(
            alive.join(u" and "_s))));
    }
    // Given to the client, who says why it cannot be used.
    if (!forbidden.isEmpty())
        return AdminAddress { .socket = forbidden, .url = {}, .token = {} };
    QStringList directories;
    for (const QString &place : places)
        directories << QFileInfo(place).path();
    directories.removeDuplicates();
    return Unexpected(AdminFailure {
        .exitCode = ExitCode::NoServer,
        .sentence =
            u"no server runs here: nobody listens in %1; start one with `carillon serve`, or "
            "name another one with --socket or --url"_s.arg(directories.join(u", "_s)) });
}

bool isLoopback(const QString &host)
{
    return host == "localhost"_L1 || QHostAddress(host).isLoopback();
}

Result<QByteArray, AdminFailure> readToken(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Unexpected(
            usage(u"--token-file: %1 cannot be read: %2"_s.arg(path, file.errorString())));
    const QByteArray token = file.readLine(LongestToken).trimmed();
    const bool isToken =
        !token.isEmpty() && std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
    if (!isToken)
        return Unexpected(usage(u"--token-file: %1 contains no token"_s.arg(path)));
    return token;
}

Result<AdminAddress, AdminFailure> remote(const QString &text, const QString &tokenFile)
{
    AdminAddress address;
    address.url = QUrl(text, QUrl::StrictMode);
    const bool isPlain = address.url.scheme() == "http"_L1;
    if ((!isPlain && address.url.scheme() != "https"_L1) || address.url.host().isEmpty()
        || address.url.path().size() > 1 || address.url.hasQuery() || address.url.hasFragment()
        || !address.url.userInfo().isEmpty()) {
        return Unexpected(
            usage(u"--url: %1 is not a URL such as https://push.example.com:8083"_s.arg(text)));
    }
    if (isPlain && !isLoopback(address.url.host())) {
        return Unexpected(
            usage(u"--url: a token is not sent over http:// to another machine; use https://"_s));
    }
    if (tokenFile.isEmpty()) {
        return Unexpected(usage(u"--url needs a token; make one on the server's machine with "
                                "`carillon token create`, and give its file with --token-file"_s));
    }
    CARILLON_TRY(address.token, readToken(tokenFile));
    address.url.setPath({});
    return address;
}

} // namespace

std::vector<Option> adminAddressOptions()
{
    return {
        { u"--socket"_s, u"PATH"_s,
          u"Uses the server with this admin socket, instead of the one that runs here."_s },
        { u"--url"_s, u"URL"_s,
          u"Uses the server at this URL, such as https://push.example.com:8083."_s },
        { u"--token-file"_s, u"FILE"_s, u"Contains the token for --url."_s },
        { u"--ca"_s, u"FILE"_s, u"Also trusts the certificate authorities in this PEM file."_s },
    };
}

Result<AdminAddress, AdminFailure> findAdmin(const Arguments &arguments,
                                             const QMap<QString, QString> &environment)
{
    // An option beats every variable, so that a name in the environment does not get in its way.
    const auto optionOr = [&](const QString &option, const QString &variable) {
        const bool isNamed = arguments.has(u"--socket"_s) || arguments.has(u"--url"_s);
        return arguments.value(option).value_or(
            isNamed && option != "--token-file"_L1 ? QString() : environment.value(variable));
    };
    const QString socket = optionOr(u"--socket"_s, u"CARILLON_ADMIN_SOCKET"_s);
    const QString url = optionOr(u"--url"_s, u"CARILLON_ADMIN_URL"_s);
    const QString tokenFile = optionOr(u"--token-file"_s, u"CARILLON_ADMIN_TOKEN_FILE"_s);
    if (!socket.isEmpty() && !url.isEmpty())
        return Unexpected(usage(u"give --socket or --url, not both"_s));
    if (const auto caFile = arguments.value(u"--ca"_s)) {
        if (const auto trusted = trustAlso(*caFile); !trusted)
            return Unexpected(usage(u"--ca: "_s + trusted.error()));
    }
    // Qt takes a relative path for a name in the directory of temporary files.
    if (!socket.isEmpty())
        return AdminAddress { .socket = QFileInfo(socket).absoluteFilePath(),
                              .url = {},
                              .token = {} };
    if (!url.isEmpty())
        return remote(url, tokenFile);
    return findLocal(environment);
}

} // namespace Carillon
