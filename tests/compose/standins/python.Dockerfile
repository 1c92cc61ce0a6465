# Replaces python:3.13-slim: Debian's Python of that version, with this machine's certificates.
FROM standin-base
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY pip.conf /etc/pip.conf
RUN ln -s /usr/bin/python3 /usr/local/bin/python && ln -s /usr/bin/pip3 /usr/local/bin/pip
LABEL stand-in="Debian's Python"
