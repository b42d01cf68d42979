// SPDX-License-Identifier: MPL-2.0
#include "server/net/unixsocket.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Carillon;
using namespace Qt::StringLiterals;

class UnixSocketTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void socket_isForUserAndGroup_inADirectoryForTheUser();
    void socketThatSomebodyListensAt_isRefused();
    void socketThatIsLeftOver_isReplaced();
    void anotherFile_isNotTouched();
    void end_removesTheFile_butNotThatOfAnother();
    void longPath_doesNotFit();
    void peer_isKnown();

private:
    [[nodiscard]] QString path() const { return m_directory.filePath(u"run/admin.sock"_s); }
    [[nodiscard]] static mode_t modeOf(const QString &path);

    QTemporaryDir m_directory;
};

mode_t UnixSocketTest::modeOf(const QString &path)
{
    struct stat found
    {
    };
    if (::stat(QFile::encodeName(path).constData(), &found) != 0)
        return 0;
    return found.st_mode & 0777;
}

void UnixSocketTest::socket_isForUserAndGroup_inADirectoryForTheUser()
{
    const auto socket = UnixSocket::listen({ .path = path() });
    QVERIFY(socket);
    QCOMPARE(modeOf(path()), mode_t { 0660 });
    QCOMPARE(modeOf(m_directory.filePath(u"run"_s)), mode_t { 0700 });
}

void UnixSocketTest::socketThatSomebodyListensAt_isRefused()
{
    const auto first = UnixSocket::listen({ .path = path() });
    QVERIFY(first);
    const auto second = UnixSocket::listen({ .path = path() });
    QVERIFY(!second);
    QVERIFY(second.error().why == UnixSocket::Why::InUse);
    QVERIFY(second.error().text.contains(path()));
    QVERIFY(QFileInfo::exists(path()));
}

void UnixSocketTest::socketThatIsLeftOver_isReplaced()
{
    sockaddr_un address {};
    address.sun_family = AF_UNIX;
    const QByteArray name = QFile::encodeName(path());
    std::memcpy(address.sun_path, name.constData(), static_cast<std::size_t>(name.size()));
    const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    QCOMPARE(::bind(left, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    ::close(left); // as a process that is killed leaves it
    QVERIFY(QFileInfo::exists(path()));
    QVERIFY(UnixSocket::listen({ .path = path() }));
}

void UnixSocketTest::anotherFile_isNotTouched()
{
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("data") == 4);
    file.close();
    QVERIFY(!UnixSocket::listen({ .path = path() }));
    QCOMPARE(QFileInfo(path()).size(), qint64 { 4 });
    QVERIFY(file.remove());
}

void UnixSocketTest::end_removesTheFile_butNotThatOfAnother()
{
    auto socket = UnixSocket::listen({ .path = path() });
    QVERIFY(socket);
    socket->reset();
    QVERIFY(!QFileInfo::exists(path()));

    auto first = UnixSocket::listen({ .path = path() });
    QVERIFY(first && QFile::remove(path()));
    const auto second = UnixSocket::listen({ .path = path() });
    QVERIFY(second);
    first->reset();
    QVERIFY(QFileInfo::exists(path()));
}

void UnixSocketTest::longPath_doesNotFit()
{
    const QString longest = u'/' + QString(106, u'x');
    QVERIFY(UnixSocket::fits(longest));
    QVERIFY(!UnixSocket::fits(longest + u'x'));
    QVERIFY(!UnixSocket::listen({ .path = longest + u'x' }));
}

void UnixSocketTest::peer_isKnown()
{
    int ends[2] = { -1, -1 };
    QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const auto peer = peerCredentials(ends[0]);
    QVERIFY(peer);
    QCOMPARE(peer->user, ::getuid());
    QCOMPARE(peer->groups.front(), ::getgid());
    ::close(ends[0]);
    ::close(ends[1]);
}

QTEST_GUILESS_MAIN(UnixSocketTest)
#include "tst_unixsocket.moc"
