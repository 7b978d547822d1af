"""What tests of several rooms build on: small bodies, problems and files made in code."""
