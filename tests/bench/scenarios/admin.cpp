// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/databasefill.h"
#include "tests/bench/scenarios/scenarios.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace Carillon::Bench {

namespace {

constexpr int Repetitions = 9;

/// The admin API over its Unix socket, one request after the other.
class AdminSocket
{
public:
    explicit AdminSocket(const std::string &path)
        : m_descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address {};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        const timeval patience { .tv_sec = 10, .tv_usec = 0 };
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        m_isOpen =
            ::connect(m_descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address)
            == 0;
    }
    ~AdminSocket() { ::close(m_descriptor); }
    AdminSocket(const AdminSocket &) = delete;
    AdminSocket &operator=(const AdminSocket &) = delete;

    /// The body of a 200.
    [[nodiscard]] Result<std::string, std::string> get(const std::string &path)
    {
        const std::string request = "GET /api/v1" + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        if (!m_isOpen
            || ::send(m_descriptor, request.data(), request.size(), MSG_NOSIGNAL)
                != std::ssize(request))
            return Unexpected("the admin API is not reached");
        std::string answer;
        std::size_t end = std::string::npos;
        std::size_t size = 0;
        while (end == std::string::npos || answer.size() < end + size) {
            std::array<char, 65'536> buffer;
            const auto count = ::recv(m_descriptor, buffer.data(), buffer.size(), 0);
            if (count <= 0)
                return Unexpected("GET " + path + " is not answered");
            answer.append(buffer.data(), static_cast<std::size_t>(count));
            if (end == std::string::npos && answer.find("\r\n\r\n") != std::string::npos) {
                end = answer.find("\r\n\r\n") + 4;
                std::string head = answer.substr(0, end);
                std::ranges::transform(head, head.begin(),
                                       [](unsigned char c) { return std::tolower(c); });
                const std::size_t length = head.find("content-length: ");
                if (length != std::string::npos)
                    size = std::stoul(head.substr(length + std::strlen("content-length: ")));
            }
        }
        if (!answer.starts_with("HTTP/1.1 200"))
            return Unexpected("GET " + path + ": " + answer.substr(0, 12) + " "
                              + answer.substr(end));
        return answer.substr(end);
    }

private:
    int m_descriptor;
    bool m_isOpen = false;
};

/// The text value of a member; empty: there is none. Good enough for flat JSON of ours.
std::string member(const std::string &json, const std::string &name)
{
    const std::string start = '"' + name + "\":\"";
    const std::size_t begin = json.rfind(start);
    if (begin == std::string::npos)
        return {};
    const std::size_t text = begin + start.size();
    return json.substr(text, json.find('"', text) - text);
}

/// What is asked, and how the table calls it.
struct Question
{
    std::string name;
    std::string path;
};

std::vector<Question> listsOf(const Filled &filled)
{
    const auto day = [](int ago) {
        const std::time_t when = std::time(nullptr) - std::time_t { 86'400 } * ago;
        std::array<char, 32> text {};
        std::tm parts {};
        ::gmtime_r(&when, &parts);
        std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
        return std::string(text.data());
    };
    std::vector<Question> all;
    const auto add = [&](const std::string &name, const std::string &path,
                         const std::string &middle) {
        const std::string separator = path.find('?') == std::string::npos ? "?" : "&";
        all.push_back({ name + ", first page", path });
        if (!middle.empty())
            all.push_back({ name + ", middle", path + separator + "seek=" + middle });
        all.push_back({ name + ", last page", path + separator + "order=reverse" });
    };
    add("clients by uaid", "/clients?sort=uaid", "80");
    add("clients by expiry", "/clients?sort=expires", day(-30));
    add("clients by messages", "/clients?sort=messages", "300");
    add("clients with messages", "/clients?has_messages=true", "80");
    add("clients of one browser", "/clients?user_agent=firefox%2F135", "80");
    add("clients that nothing matches", "/clients?router_type=fcm", "80");
    add("idle clients", "/clients?idle=4000000&sort=expires", "");
    add("messages by age", "/messages?sort=stored", day(14));
    add("messages by expiry", "/messages?sort=expires", day(-14));
    add("messages older than 20 days", "/messages?older_than=1728000", "");
    add("messages of high urgency", "/messages?urgency=high", day(14));
    add("messages that nothing matches", "/messages?tracked=true", day(14));
    add("messages of a client", "/messages?uaid=" + filled.uaid, "");
    add("messages of a subscription", "/messages?chid=" + filled.channel, "");
    return all;
}

std::vector<Question> lookUpsOf(const Filled &filled, const std::string &message)
{
    return {
        { "client", "/clients/" + filled.uaid },
        { "UAID by its first 6 digits", "/clients?text=" + filled.uaid.substr(0, 6) },
        { "message by its id", "/messages/" + message },
        { "messages of a sender", "/messages?sender=" + filled.sender },
        { "queues", "/queues" },
        { "senders", "/senders" },
    };
}

/// Milliseconds: the median and the slowest.
Result<std::pair<double, double>, std::string> timeOf(AdminSocket &socket, const std::string &path)
{
    std::array<double, Repetitions> times {};
    for (double &time : times) {
        const Moment begin = now();
        if (auto answer = socket.get(path); !answer)
            return Unexpected(answer.error());
        time = std::chrono::duration<double, std::milli>(now() - begin).count();
    }
    std::ranges::sort(times);
    return std::pair(times[Repetitions / 2], times.back());
}

} // namespace

/// Lists and look-ups of the admin API over many rows.
Result<void, std::string> measureAdmin(const Options &options, Report &report)
{
    const int count = size(options, 1'000'000, 20'000);
    const std::filesystem::path directory = options.directory / "carillon-bench-admin";
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
    std::filesystem::create_directory(directory);
    const auto cleanUp = [&directory](int *) {
        std::error_code error;
        std::filesystem::remove_all(directory, error);
    };
    int guarded = 0;
    const std::unique_ptr<int, decltype(cleanUp)> guard(&guarded, cleanUp);
    ServerProcess::Settings settings = options.settings;
    settings["storage.dsn"] = "sqlite://" + (directory / "filled.sqlite").string();
    settings["admin.socket"] = (directory / "admin.sock").string();
    settings["state.dir"] = directory.string(); // the keys, which outlive the first server

    // The server makes the tables.
    {
        auto server = ServerProcess::start(options.server, options.directory, settings);
        if (!server)
            return Unexpected(server.error());
        if (auto stopped = (*server)->stop(); !stopped)
            return stopped;
    }
    const auto filled = fillDatabase((directory / "filled.sqlite").string(), count);
    if (!filled)
        return Unexpected(filled.error());
    auto server = ServerProcess::start(options.server, options.directory, settings);
    if (!server)
        return Unexpected(server.error());
    AdminSocket socket(settings["admin.socket"]);
    const auto newest = socket.get("/messages?limit=1&order=reverse");
    if (!newest)
        return Unexpected(newest.error());
    const std::string rows = clients(static_cast<int>(filled->clients)) + " and "
        + readable(static_cast<double>(filled->messages)) + " messages";
    double slowest = 0;
    const auto measure = [&](std::string_view figure,
                             const std::vector<Question> &questions) -> Result<void, std::string> {
        for (const Question &question : questions) {
            const auto time = timeOf(socket, question.path);
            if (!time)
                return Unexpected(time.error());
            report.add(figure, time->first, question.name);
            slowest = std::max(slowest, time->second);
        }
        return {};
    };
    if (auto done = measure("admin.list", listsOf(*filled)); !done)
        return done;
    if (auto done = measure("admin.lookup", lookUpsOf(*filled, member(*newest, "id"))); !done)
        return done;
    report.add("admin.slowest", slowest, rows);
    return (*server)->stop();
}

} // namespace Carillon::Bench
