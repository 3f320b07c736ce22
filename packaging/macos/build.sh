#!/bin/sh
# Builds "SMTPy Desktop.app" for macOS 13 or newer, and a zip of it with its checksum.
# NOT VERIFIED: written after PyInstaller's documentation; nobody has run it on macOS yet.
#
# Needs Python 3.11 or newer from python.org. Run it in a clone, on the kind of processor it is meant for:
#     sh packaging/macos/build.sh
set -eu
cd "$(dirname "$0")/../.."

python3 -m venv .venv-package
python=.venv-package/bin/python
"$python" -m pip install --constraint constraints.txt setuptools
"$python" -m pip install --constraint constraints.txt --no-build-isolation --editable '.[package]'
"$python" -m tools.package_icons
"$python" -m PyInstaller --noconfirm --distpath build/package/tree --workpath build/package/work smtpy.spec

app="build/package/tree/SMTPy Desktop.app"
# The self-test must find every part well before anything is handed out.
"$app/Contents/MacOS/smtpy-desktop" --profile build/package/selftest selftest

version=$("$python" -c "import smtpy_desktop; print(smtpy_desktop.__version__)")
zip="smtpy-desktop-$version-macos-$(uname -m).zip"
ditto -c -k --keepParent "$app" "build/package/$zip"
(cd build/package && shasum -a 256 "$zip" > SHA256SUMS-macos)
# Signing and notarising (codesign --deep --options runtime, xcrun notarytool submit) need a certificate of Apple's and
# are not done here: macOS asks before it opens an unsigned program. PostgreSQL's programs inside must be signed too.
